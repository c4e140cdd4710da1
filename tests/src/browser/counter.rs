//! What somebody does at the counter's screen.

use super::stage::Stage;
use super::window::Window;

impl Window {
    /// Sets the screen up by the link that the bank gave.
    pub(crate) fn is_set_up(&self, stage: &Stage) {
        self.open(&stage.enrolment_link());
        self.sees("idle");
        self.reads("Counter 3");
        let shown = self.address();
        assert!(!shown.contains('#'), "the invitation stays in the address: {shown}");
    }

    /// Says that it hears the node no more.
    pub(crate) fn says_that_it_is_alone(&self) {
        self.wait("a word about the connection", || self.has("main [role=alert]").then_some(()));
        self.look_over_again("idle-alone");
    }

    /// Types the number that the phone shows.
    pub(crate) fn types_the_number(&self, number: &str) {
        self.sees("number");
        self.fill("input[name=number]", number);
        self.act("confirm");
    }
}
