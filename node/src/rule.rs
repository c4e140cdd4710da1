//! The rule of a node without rules: the person's own choice decides.

use symbolon_domain::port::{ConsentRule, RuleInput, Verdict};

/// Permits everything that the offer and the person permit.
#[derive(Clone, Copy, Debug, Default)]
pub struct AllowAll;

impl ConsentRule for AllowAll {
    fn judge(&self, _: &RuleInput<'_>) -> Verdict {
        Verdict::Permit
    }
}
