//! What people and programs see: tables and lines, or JSON; progress on standard error.

use super::Failure;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use std::io::{IsTerminal, Write};

/// Where answers go.
#[derive(Clone, Copy, Debug)]
pub struct Term {
    json: bool,
    color: bool,
}

impl Term {
    /// For people, or for programs.
    #[must_use]
    pub fn new(json: bool) -> Self {
        let color = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self { json, color: color && !json }
    }

    /// Whether answers are for programs.
    #[must_use]
    pub fn is_json(self) -> bool {
        self.json
    }

    /// A line for people; nothing for programs.
    pub fn line(self, text: &str) {
        if !self.json {
            self.raw(text);
        }
    }

    /// A line in any case.
    pub fn raw(self, text: &str) {
        // A reader that has gone away is no reason to fail.
        let _closed = writeln!(std::io::stdout().lock(), "{text}");
    }

    /// A word in colour: an ANSI number such as 32.
    #[must_use]
    pub fn colored(self, number: u8, text: &str) -> String {
        if self.color { format!("\u{1b}[{number}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    /// An answer: lines for people, the value for programs.
    ///
    /// # Errors
    /// When the value does not become JSON.
    pub fn answer<T: Serialize>(self, value: &T, lines: &[String]) -> Result<(), Failure> {
        if self.json {
            self.raw(&serde_json::to_string_pretty(value)?);
        } else {
            lines.iter().for_each(|line| self.raw(line));
        }
        Ok(())
    }

    /// A list: a table for people, the values for programs.
    ///
    /// # Errors
    /// When the values do not become JSON.
    pub fn table<T: Serialize>(
        self,
        items: &[T],
        head: &[&str],
        row: impl Fn(&T) -> Vec<String>,
    ) -> Result<(), Failure> {
        if self.json {
            self.raw(&serde_json::to_string_pretty(items)?);
        } else {
            self.rows(items, head, row);
        }
        Ok(())
    }

    /// A table for people.
    pub fn rows<T>(self, items: &[T], head: &[&str], row: impl Fn(&T) -> Vec<String>) {
        let rows: Vec<Vec<String>> = items.iter().map(row).collect();
        for line in lines_of_table(head, &rows) {
            self.line(&line);
        }
    }

    /// Tells of a failure on standard error.
    pub fn failure(self, failure: &Failure) {
        let mut out = std::io::stderr().lock();
        if self.json {
            let value = serde_json::json!({
                "error": failure.text, "code": failure.code, "help": failure.help,
            });
            let _closed = writeln!(out, "{value}");
            return;
        }
        let _closed = writeln!(out, "error: {}", failure.text);
        if let Some(help) = &failure.help {
            let _closed = writeln!(out, "  {help}");
        }
    }

    /// A note on standard error.
    pub fn note(self, text: &str) {
        let _closed = writeln!(std::io::stderr().lock(), "{text}");
    }
}

fn lines_of_table(head: &[&str], rows: &[Vec<String>]) -> Vec<String> {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain(head.get(column).map(|title| title.chars().count())).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: Vec<&str>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let titles: Vec<String> = head.iter().map(|title| title.to_uppercase()).collect();
    let mut lines = vec![line(titles.iter().map(String::as_str).collect())];
    lines.extend(rows.iter().map(|row| line(row.iter().map(String::as_str).collect())));
    if rows.is_empty() {
        lines.push("(none)".into());
    }
    lines
}

/// A progress bar on standard error: of so many steps or bytes, or a spinner. Nothing is
/// drawn where standard error is no terminal.
#[must_use]
pub fn progress(length: Option<u64>, text: &'static str) -> ProgressBar {
    let bar = match length {
        Some(length) => ProgressBar::new(length),
        None => ProgressBar::new_spinner(),
    };
    let template = match length {
        Some(_) => "{msg} {bar:30} {bytes}/{total_bytes}",
        None => "{msg} {spinner} {bytes}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_message(text);
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align() {
        let rows = vec![vec!["a".into(), "long one".into()], vec!["bcd".into(), "ü".into()]];
        let lines = lines_of_table(&["id", "name"], &rows);
        assert_eq!(lines, ["ID   NAME", "a    long one", "bcd  ü"]);
        assert_eq!(lines_of_table(&["id"], &[]), ["ID", "(none)"]);
    }
}
