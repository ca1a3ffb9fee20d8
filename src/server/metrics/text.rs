use std::{collections::HashMap, fmt};

use prometheus_client::{
    collector::Collector,
    encoding::{DescriptorEncoder, NoLabelSet, prometheus_text},
    metrics::{MetricType, exemplar::Exemplar},
    registry::Registry,
};

use super::names::{Kind, Metric};

pub(in crate::server) const CONTENT_TYPE: &str = prometheus_text::CONTENT_TYPE;

/// The samples of a metric.
#[derive(Debug)]
pub(super) struct Family {
    metric: &'static Metric,
    samples: Vec<Sample>,
}

#[derive(Debug)]
struct Sample {
    /// In the order of the metric's labels.
    labels: Vec<String>,
    value: Value,
}

#[derive(Debug)]
enum Value {
    Number(f64),
    /// Upper bounds with what lies between each and the one before, and the sum of all.
    Histogram(Vec<(f64, u64)>, f64),
}

impl Family {
    pub(super) fn new(metric: &'static Metric) -> Self {
        Self { metric, samples: Vec::new() }
    }

    /// With one sample, which has no labels; without any where there is no value.
    pub(super) fn one(metric: &'static Metric, value: Option<f64>) -> Self {
        let family = Self::new(metric);
        match value {
            Some(value) => family.with([], value),
            None => family,
        }
    }

    pub(super) fn with<const N: usize>(self, labels: [&str; N], value: f64) -> Self {
        self.add(labels, Value::Number(value))
    }

    pub(super) fn with_histogram<const N: usize>(
        self,
        labels: [&str; N],
        buckets: Vec<(f64, u64)>,
        sum: f64,
    ) -> Self {
        self.add(labels, Value::Histogram(buckets, sum))
    }

    fn add<const N: usize>(mut self, labels: [&str; N], value: Value) -> Self {
        debug_assert_eq!(N, self.metric.labels.len(), "{}", self.metric.name);
        self.samples.push(Sample { labels: labels.map(str::to_owned).into(), value });
        self
    }
}

/// Writes families in Prometheus' text format; those without a sample are left out.
pub(super) fn text(families: Vec<Family>) -> Result<String, fmt::Error> {
    let mut registry = Registry::default();
    registry.register_collector(Box::new(Families(families)));
    let mut text = String::new();
    prometheus_text::encode(&mut text, &registry)?;
    Ok(text)
}

#[derive(Debug)]
struct Families(Vec<Family>);

impl Collector for Families {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        for Family { metric, samples } in self.0.iter().filter(|family| !family.samples.is_empty()) {
            let (name, kind) = match metric.kind {
                // The format puts the ending back.
                Kind::Counter => {
                    (metric.name.strip_suffix("_total").unwrap_or(metric.name), MetricType::Counter)
                }
                Kind::Gauge => (metric.name, MetricType::Gauge),
                Kind::Histogram => (metric.name, MetricType::Histogram),
            };
            let mut family = encoder.encode_descriptor(name, metric.help, None, kind)?;
            for Sample { labels, value } in samples {
                let labels: Vec<(&str, &str)> =
                    metric.labels.iter().copied().zip(labels.iter().map(String::as_str)).collect();
                let mut sample = family.encode_family(&labels)?;
                match (value, metric.kind) {
                    (Value::Number(value), Kind::Counter) => {
                        sample.encode_counter(value, None::<&Exemplar<NoLabelSet, f64>>)?;
                    }
                    (Value::Number(value), _) => sample.encode_gauge(value)?,
                    (Value::Histogram(buckets, sum), _) => {
                        let count = buckets.iter().map(|(_, count)| count).sum();
                        let exemplars = None::<&HashMap<usize, Exemplar<NoLabelSet, f64>>>;
                        sample.encode_histogram(*sum, count, buckets, exemplars)?;
                    }
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::names::{AWS_DURATION, JOB_LAST_SUCCESS, SCANS, TARGETS},
        *,
    };

    #[test]
    fn every_kind_is_written_as_prometheus_reads_it() {
        let families = vec![
            Family::new(&SCANS).with(["complete"], 3.0),
            Family::new(&TARGETS),
            Family::new(&JOB_LAST_SUCCESS).with(["a \"b\"\\\n"], 1_764_000_000.0),
            Family::new(&AWS_DURATION).with_histogram(["kms"], vec![(0.5, 2), (f64::INFINITY, 1)], 11.5),
        ];
        let lines: Vec<String> = text(families)
            .unwrap()
            .lines()
            .filter(|line| !line.starts_with("# HELP"))
            .map(str::to_owned)
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        # TYPE keywatch_scans_total counter
        keywatch_scans_total{outcome="complete"} 3.0
        # TYPE keywatch_job_last_success_timestamp_seconds gauge
        keywatch_job_last_success_timestamp_seconds{job="a \"b\"\\\n"} 1764000000.0
        # TYPE keywatch_aws_request_duration_seconds histogram
        keywatch_aws_request_duration_seconds_bucket{service="kms",le="0.5"} 2
        keywatch_aws_request_duration_seconds_bucket{service="kms",le="+Inf"} 3
        keywatch_aws_request_duration_seconds_sum{service="kms"} 11.5
        keywatch_aws_request_duration_seconds_count{service="kms"} 3
        "#);
    }
}
