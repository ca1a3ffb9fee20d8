mod build;
mod hostile;
mod model;
mod opening;
mod plain;
mod scale;
mod story;
mod views;
