// Something takes its time: always with a word, with a measure where there is one.
export function Progress({ text, part }: { text: string; part?: number }) {
  if (part === undefined) {
    return <div class="progress" role="status"><span class="progress-ring" aria-hidden="true" />{text}</div>;
  }
  const percent = Math.round(Math.min(1, Math.max(0, part)) * 100);
  return (
    <div class="stack">
      <span class="muted">{text}</span>
      <div class="meter" role="progressbar" aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent} aria-label={text}>
        <div style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}
