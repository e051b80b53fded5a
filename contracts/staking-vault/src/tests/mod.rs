//! Unit tests with mocks: the registry is a storage that is read raw.

mod golden;
mod governance;
mod model;
mod nodes;
mod queries;
mod refusals;
mod threats;
mod world;
