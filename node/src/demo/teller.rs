//! One line a step, and the count of what held.

use crate::cli::{Failure, Term};
use serde_json::json;
use symbolon_client::ClientError;

/// Tells what happens, and remembers what did not hold.
pub(super) struct Teller {
    term: Term,
    steps: u32,
    refusals: u32,
    failures: Vec<String>,
}

impl Teller {
    pub(super) fn new(term: Term) -> Self {
        Self { term, steps: 0, refusals: 0, failures: Vec::new() }
    }

    /// A heading.
    pub(super) fn chapter(&self, title: &str) {
        self.term.line(&format!("\n{}", self.term.colored(1, title)));
    }

    /// Something that worked.
    pub(super) fn step(&mut self, who: &str, what: &str) {
        self.steps += 1;
        if self.term.is_json() {
            self.term.raw(&json!({ "step": self.steps, "who": who, "did": what }).to_string());
        } else {
            self.term.raw(&format!("  {} {who:<9} {what}", self.term.colored(32, "✓")));
        }
    }

    /// Something that must be so.
    pub(super) fn demand(&mut self, held: bool, who: &str, what: &str) {
        if held {
            self.step(who, what);
        } else {
            self.fail(&format!("{who}: not so: {what}"));
        }
    }

    /// Something that must be refused, with one of these codes; `refused_here` is the
    /// client's own refusal.
    pub(super) fn refused<T>(
        &mut self,
        what: &str,
        outcome: Result<T, ClientError>,
        codes: &[&str],
    ) {
        match outcome {
            Ok(_) => self.fail(&format!("was not refused: {what}")),
            Err(error) => {
                let code = match &error {
                    ClientError::Untrusted(_) => "refused_here",
                    other => other.code().unwrap_or_default(),
                };
                if codes.contains(&code) {
                    self.tell_refusal(what, code);
                } else {
                    self.fail(&format!("{what}: refused otherwise than it should be: {error}"));
                }
            }
        }
    }

    /// A refusal seen in another way than by an error.
    pub(super) fn refused_if(&mut self, held: bool, what: &str, how: &str) {
        if held {
            self.tell_refusal(what, how);
        } else {
            self.fail(&format!("was not refused: {what}"));
        }
    }

    fn tell_refusal(&mut self, what: &str, how: &str) {
        self.refusals += 1;
        if self.term.is_json() {
            self.term.raw(&json!({ "refused": what, "how": how }).to_string());
        } else {
            let mark = self.term.colored(33, "✗");
            self.term.raw(&format!("  {mark} {:<9} {what} [{how}]", "refused"));
        }
    }

    fn fail(&mut self, text: &str) {
        self.failures.push(text.to_owned());
        if self.term.is_json() {
            self.term.raw(&json!({ "failed": text }).to_string());
        } else {
            self.term.raw(&format!("  {} {text}", self.term.colored(31, "FAILED")));
        }
    }

    /// What came of it all.
    pub(super) fn summary(&self) -> Result<(), Failure> {
        let (steps, refusals, failures) = (self.steps, self.refusals, self.failures.len());
        if self.term.is_json() {
            let held = self.failures.is_empty();
            let summary = json!({ "steps": steps, "refusals": refusals, "held": held });
            self.term.raw(&summary.to_string());
        } else {
            let text =
                format!("\n{steps} steps done, {refusals} attempts refused, {failures} failed");
            self.term.raw(&self.term.colored(if failures == 0 { 32 } else { 31 }, &text));
        }
        match self.failures.first() {
            None => Ok(()),
            Some(first) => {
                Err(Failure::new(format!("{failures} did not hold; the first: {first}")))
            }
        }
    }
}
