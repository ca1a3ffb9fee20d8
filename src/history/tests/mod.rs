mod build;
mod hostile;
mod model;
mod opening;
mod story;
mod views;
