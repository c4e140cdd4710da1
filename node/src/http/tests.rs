//! Handlers behind their guards, on a whole node with an embedded store: what a partner, a
//! front end and an operator can send wrong, and what they are told.

mod desk;
mod front_ends;
mod hooks;
mod institutions;
mod kept;
mod oauth;
mod routes;
mod streams;
mod web;
