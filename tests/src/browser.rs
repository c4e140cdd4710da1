//! The pages in a real Chromium: a phone and a counter's screen, each a browser of its own,
//! before a node of its own process. Whoever acts here does it with the pointer or by keys,
//! and sees what a person sees; the bank's side is by commands.

mod authenticator;
mod chromium;
mod code;
mod counter;
mod encounter;
mod exchange;
mod interruptions;
mod keyboard;
mod lent;
mod look;
mod person;
mod places;
mod refusals;
mod reverse;
mod served;
mod stage;
mod webdriver;
mod window;
