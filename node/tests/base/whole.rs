//! A whole node over real HTTP: what strangers, partners and phones can send wrong. Each time
//! the answer says what it is and whose fault, nothing has changed, and the node goes on.

#[path = "whole/bodies.rs"]
mod bodies;
#[path = "whole/codes.rs"]
mod codes;
#[path = "whole/objects.rs"]
mod objects;
#[path = "whole/proofs.rs"]
mod proofs;
#[path = "whole/renewal.rs"]
mod renewal;
#[path = "whole/sessions.rs"]
mod sessions;
#[path = "whole/stage.rs"]
mod stage;
#[path = "whole/wary.rs"]
mod wary;
