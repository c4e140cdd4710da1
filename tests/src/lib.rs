//! Tests of the whole: the workspace's own rules, the independent reader, the exchange between
//! real processes, and the pages in a real browser. One binary, a module each.

#[cfg(test)]
mod browser;
#[cfg(test)]
mod commands;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod disks;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod kills;
#[cfg(test)]
mod metrics;
#[cfg(test)]
mod partners;
#[cfg(test)]
mod process;
#[cfg(test)]
mod reader;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod site;
#[cfg(test)]
mod tools;
#[cfg(test)]
mod workspace;
