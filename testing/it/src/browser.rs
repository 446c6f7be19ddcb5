//! The product in a real browser: what people see and click.

mod every_page;
mod journey;
mod steps;
mod without_scripts;
