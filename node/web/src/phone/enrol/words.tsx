// Twenty-four words: each input completes what is typed, pasting fills them all.
import { useEffect, useState } from "preact/hooks";
import { phone } from "../../texts/phone.ts";
import { useTexts } from "../../ui/language.ts";

export const WORDS = 24;

/** The list that the words come from; loaded when it is first needed. */
export function useWordList(): readonly string[] | undefined {
  const [list, setList] = useState<readonly string[]>();
  useEffect(() => {
    void import("@scure/bip39/wordlists/english.js").then((it) => setList(it.wordlist));
  }, []);
  return list;
}

const split = (text: string): string[] => text.toLowerCase().split(/[^a-z]+/).filter(Boolean);

export function Words({ words, onWords }: { words: readonly string[]; onWords: (words: string[]) => void }) {
  const { recover: texts } = useTexts(phone);
  const list = useWordList();
  const [at, setAt] = useState(-1);
  const typed = words[at] ?? "";
  const fitting = typed && list ? list.filter((it) => it.startsWith(typed)).slice(0, 4) : [];
  const put = (index: number, text: string) => {
    const parts = split(text);
    const next = Array.from({ length: WORDS }, (_, it) => words[it] ?? "");
    (parts.length ? parts : [""]).forEach((part, offset) => {
      if (index + offset < WORDS) next[index + offset] = part;
    });
    onWords(next);
    if (parts.length > 1) focus(Math.min(index + parts.length, WORDS - 1));
  };
  const focus = (index: number) => document.querySelector<HTMLInputElement>(`input[name="word-${index + 1}"]`)?.focus();
  const take = (index: number, word: string) => {
    put(index, word);
    focus(index + 1);
  };
  return (
    <fieldset class="stack">
      <legend>{texts.byWords}</legend>
      <p class="hint" id="words-hint">{texts.byWordsHint}</p>
      <div class="words">
        {Array.from({ length: WORDS }, (_, index) => {
          const word = words[index] ?? "";
          const isUnknown = index !== at && word !== "" && list !== undefined && !list.includes(word);
          return (
            <div class="word" key={index}>
              <span class="word-number figures" aria-hidden="true">{index + 1}</span>
              <input class="input" name={`word-${index + 1}`} value={word} aria-label={texts.word(index + 1)} aria-invalid={isUnknown ? "true" : undefined}
                aria-describedby="words-hint" autocomplete="off" autocapitalize="none" autocorrect="off" spellcheck={false}
                onFocus={() => setAt(index)} onInput={(event) => put(index, event.currentTarget.value)}
                onKeyDown={(event) => {
                  const only = fitting[0];
                  if ((event.key === "Enter" || event.key === " ") && only && index === at) {
                    event.preventDefault();
                    take(index, only);
                  }
                }} />
              {index === at && fitting.length > 0 && fitting[0] !== typed && (
                <div class="fitting" role="group" aria-label={texts.suggestions}>
                  {fitting.map((it) => (
                    <button key={it} type="button" class="button" data-action="word" value={it}
                      onMouseDown={(event) => event.preventDefault()} onClick={() => take(index, it)}>{it}</button>
                  ))}
                </div>
              )}
            </div>
          );
        })}
      </div>
    </fieldset>
  );
}
