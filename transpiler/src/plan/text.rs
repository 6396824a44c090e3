//! The plan's text form.
