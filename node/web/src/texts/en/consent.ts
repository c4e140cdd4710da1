const items = (count: number) => (count === 1 ? "1 item" : `${count} items`);

export const consent = {
  checking: "Checking the code…",
  leave: "Not now",
  refuse: "Refuse",

  session: {
    title: (who: string) => `${who} asks you for some data`,
    who: "Who",
    approved: "Known to this service and approved",
    where: "Where",
    place: (name: string, place: string) => `${name}, ${place}`,
    here: "On this very device",
    what: "For what",
    whatText: "You will see each item before you decide. Nothing is lent yet.",
    check: "Go on only if this is the screen in front of you.",
    checkHere: "Go on only if you came here from this institution’s page.",
    go: "Go on",
    left: (clock: string) => `The code waits for ${clock}`,
    leftOver: "The code may be too old by now.",
    busy: "Holding your place…",
  },

  number: {
    title: "Type this number there",
    at: (name: string, place: string) => `at ${name}, ${place}`,
    only: "Only there, with your own hand. Never tell it to anybody on the phone or in a message.",
    waiting: "Waiting until it is typed…",
    left: (clock: string) => `Time left: ${clock}`,
    read: (digits: string) => `The number is ${digits}`,
  },

  ask: {
    from: (who: string) => `${who} asks for this`,
    required: "Needed",
    requiredHint: "Without these the request cannot go on.",
    oneOf: "Choose one of these",
    optional: "If you like",
    optionalHint: "You can leave these out.",
    missing: "Not in your vault yet",
    add: "Add",
    addName: (name: string) => `Add: ${name}`,
    fill: "Add what is missing",
    locked: "Cannot be opened on this device right now",
    lend: (count: number) => `Lend ${items(count)}`,
    why: {
      tick: (names: string) => `Needed: ${names}.`,
      group: (names: string) => `Choose one: ${names}.`,
      none: "Tick what you want to lend.",
    },
    left: (clock: string) => `Time left: ${clock}`,
    loading: "Opening what is asked for…",
    refuseTitle: "Refuse everything?",
    refuseText: (who: string) => `${who} is told that you refused. Nothing is lent.`,
  },

  terms: {
    title: "What you agree to",
    purpose: "What for",
    use: "What is done with it",
    often: "How often it may be read",
    oftenTotal: (uses: number) => (uses === 1 ? "Once" : `Up to ${uses} times`),
    oftenPeriod: (uses: number, period: string) => (uses === 1 ? `Once in ${period}` : `Up to ${uses} times in ${period}`),
    lent: "Lent for",
    kept: "Kept by them",
    keptFor: (who: string, time: string) => `${who} promises to delete what it read after ${time} at the latest.`,
    keptOpen: (who: string) => `${who} does not say how long it keeps what it read.`,
    opens: "Who can open it",
    opensThem: (who: string) => `${who} alone. This service cannot.`,
    opensServer: (who: string) => `This service opens it for ${who}, and can see it while it does.`,
    regions: (regions: string) => `Only in: ${regions}.`,
    future: "Later changes",
    futureYes: "If you change an item later, the new value is lent too.",
    futureNo: "Only as it is now. A later change is not shown to them; they only learn that there is one.",
    back: "What cannot be taken back",
    backText: "What was read stays read. You can stop further reading at any time.",
    note: "Please note",
    unusual: "Know this before you lend",
  },

  fill: {
    title: "Add what is missing",
    lead: "It is stored in your vault, so you type it once.",
    save: "Save and go on",
    saving: "Locking and storing…",
    optional: "If you like",
    oneOf: "One of these is enough",
    nothing: "Fill in at least one.",
  },

  verify: {
    title: "Confirm that it is you",
    lead: (count: number, who: string) => `You lend ${items(count)} to ${who}.`,
    waiting: "Use your fingerprint, face or screen lock…",
  },

  done: {
    title: (who: string) => `Lent to ${who}`,
    lead: "You are done here. The other screen goes on by itself.",
    until: (when: string) => `Until ${when}. You can pause it or take it back under “Lent”.`,
    see: "See what I lent",
    finish: "Done",
  },

  code: {
    title: "Show this code to the terminal",
    lead: (who: string) => `${who} scans it. Nobody else can use it.`,
    label: "The code that the institution’s terminal scans",
    left: (seconds: number) => (seconds === 1 ? "1 second left" : `${seconds} seconds left`),
    over: "The code is too old",
    overText: "If it was not scanned in time, nothing was read. Take back what you lent and start again with a new code.",
    read: (who: string) => `${who} has read it.`,
  },

  query: {
    title: (who: string) => `Back to ${who}`,
    lead: "You are brought back to the page that you came from.",
    go: (who: string) => `Go to ${who}`,
  },

  denied: {
    title: "You refused",
    lead: (who: string) => `Nothing was lent. ${who} is told that you refused.`,
  },

  ended: {
    expired: { title: "The time is over", lead: "Nothing was lent. Ask for a new code if you still want to." },
    wrong_number: { title: "A wrong number was typed", lead: "For your safety the request has ended. Nothing was lent. Ask for a new code and scan it." },
    cancelled: { title: "The request was withdrawn", lead: "The other side ended it. Nothing was lent." },
    denied: { title: "You refused", lead: "Nothing was lent." },
    approved: { title: "You answered this already", lead: "You find it under “Lent”." },
    scan: "Scan a new code",
    home: "Go to my vault",
  },

  elsewhere: {
    title: "This request is open in another tab",
    lead: "Answer it there, or go on here instead.",
    here: "Go on here",
    moved: "You went on in another tab.",
  },

  show: {
    title: "Show this code",
    lead: "Hold it in front of the terminal’s scanner. It can be used once.",
    label: "Your code for a terminal",
    left: (clock: string) => `Good for ${clock}`,
    over: "This code is too old.",
    renew: "Show a new code",
    waiting: "Waiting for the terminal…",
  },
};
