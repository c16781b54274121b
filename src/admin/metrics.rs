//! The metrics of a node as text, in Prometheus' exposition format 0.0.4.

use std::fmt::Write;

use super::{Name, Told};
use crate::{publish::Attempt, site::Problem};

/// What the text is.
pub(super) const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// One metric: its lines stand together, as the format wants it.
struct Metric {
    name: &'static str,
    help: &'static str,
    kind: Kind,
    samples: Vec<(Vec<(&'static str, String)>, f64)>,
}

/// How a value moves.
#[derive(Clone, Copy)]
enum Kind {
    /// Up, since the start.
    Counter,
    /// Up and down.
    Gauge,
}

impl Metric {
    fn gauge(name: &'static str, help: &'static str) -> Self {
        Self {
            name,
            help,
            kind: Kind::Gauge,
            samples: Vec::new(),
        }
    }
}

/// All metrics.
pub(super) fn text(told: &Told) -> String {
    let mut metrics = of_gauges(told);
    metrics.extend(of_sites(told));
    let version = vec![("version", env!("CARGO_PKG_VERSION").to_owned())];
    metrics.push(Metric {
        samples: vec![(version, 1.0)],
        ..Metric::gauge("littoral_build_info", "The version that runs.")
    });
    let mut text = String::new();
    for metric in metrics {
        metric.write(&mut text);
    }
    text
}

fn of_gauges(told: &Told) -> Vec<Metric> {
    let mut memory = Metric::gauge(
        "littoral_memory_bytes",
        "Bytes held in memory by kind; those of a site have its name.",
    );
    let mut bodies = Metric::gauge(
        "littoral_bodies",
        "Distinct bodies by the stage of their codings.",
    );
    let mut waiting = Metric::gauge(
        "littoral_bodies_waiting",
        "Bodies that wait for their best codings.",
    );
    let mut cache = Metric::gauge("littoral_cache_bytes", "Bytes in the cache folder.");
    let mut connections = Metric::gauge("littoral_connections", "Open connections.");
    let mut refused = Metric {
        kind: Kind::Counter,
        ..Metric::gauge(
            "littoral_refused_total",
            "Clients that were turned away, or not served to the end, by the reason.",
        )
    };
    for gauge in &told.gauges {
        let (metric, labels) = match gauge.name {
            Name::Memory(kind) => (&mut memory, vec![("kind", kind.to_owned())]),
            Name::Bodies(stage) => (&mut bodies, vec![("stage", stage.to_owned())]),
            Name::BodiesWaiting => (&mut waiting, Vec::new()),
            Name::Connections => (&mut connections, Vec::new()),
            Name::Refused(why) => (&mut refused, vec![("why", why.to_owned())]),
            Name::Cache => (&mut cache, Vec::new()),
        };
        metric.samples.push((labels, (gauge.read)() as f64));
    }
    for site in told.sites.load().iter() {
        let overhead_bytes = site.live.load().snapshot.overhead_bytes;
        let remembered = site.live.remembered();
        for (kind, bytes) in [
            ("snapshot", overhead_bytes),
            ("source", remembered.source_bytes),
            ("known", remembered.known_bytes),
        ] {
            let labels = vec![
                ("site", site.root.display().to_string()),
                ("kind", kind.to_owned()),
            ];
            memory.samples.push((labels, bytes as f64));
        }
    }
    vec![memory, bodies, waiting, cache, connections, refused]
}

fn of_sites(told: &Told) -> Vec<Metric> {
    let metric = Metric::gauge;
    let mut generation = metric(
        "littoral_generation",
        "Published snapshots since the start.",
    );
    let mut resources = metric("littoral_resources", "Resources on the air.");
    let mut release = metric("littoral_release_info", "The root hash on the air.");
    let mut problems = metric("littoral_problems", "Problems of the files as last read.");
    let mut behind = metric(
        "littoral_last_good",
        "1 if the files have errors, so that an older snapshot of them is served.",
    );
    let mut outcome = metric(
        "littoral_publish_outcome",
        "1 for how the last attempt to publish went.",
    );
    let mut took = metric(
        "littoral_publish_seconds",
        "How long the last attempt to publish took.",
    );
    for site in told.sites.load().iter() {
        let root = site.root.display().to_string();
        let with = |more: &[(&'static str, &str)]| {
            let more = more
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()));
            std::iter::once(("site", root.clone()))
                .chain(more)
                .collect()
        };
        let published = site.live.load();
        let snapshot = &published.snapshot;
        generation
            .samples
            .push((with(&[]), published.generation as f64));
        resources
            .samples
            .push((with(&[]), snapshot.resources.len() as f64));
        let root_hash = snapshot.root_hash.to_string();
        release
            .samples
            .push((with(&[("root_hash", &root_hash)]), 1.0));
        let errors = site.problems(Problem::is_error);
        let warnings = site.problems(|problem| !problem.is_error());
        for (severity, count) in [("error", errors), ("warning", warnings)] {
            problems
                .samples
                .push((with(&[("severity", severity)]), count as f64));
        }
        behind
            .samples
            .push((with(&[]), f64::from(u8::from(errors > 0))));
        let last = site.live.last_attempt();
        for (attempt, word) in [
            (Attempt::Published, "published"),
            (Attempt::Refused, "refused"),
            (Attempt::Unchanged, "unchanged"),
        ] {
            let is = f64::from(u8::from(last.attempt == attempt));
            outcome.samples.push((with(&[("outcome", word)]), is));
        }
        took.samples.push((with(&[]), last.took.as_secs_f64()));
    }
    vec![
        generation, resources, release, problems, behind, outcome, took,
    ]
}

impl Metric {
    fn write(&self, text: &mut String) {
        let Self { name, help, .. } = self;
        let kind = match self.kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
        };
        let head = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
        head.expect("a string takes all");
        for (labels, value) in &self.samples {
            let labels: Vec<_> = labels
                .iter()
                .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
                .collect();
            let labels = match labels.is_empty() {
                true => String::new(),
                false => format!("{{{}}}", labels.join(",")),
            };
            writeln!(text, "{name}{labels} {value}").expect("a string takes all");
        }
    }
}

/// A label's value as the format wants it.
fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use arc_swap::ArcSwap;

    use super::*;
    use crate::{
        admin::{Gauge, Site},
        pack::Packer,
        publish::{Live, Remembered},
    };

    #[test]
    fn each_metric_has_a_head_and_its_samples_below() {
        let packer = Packer::plain();
        let problems = vec![Problem::error("no"), Problem::warning("well")];
        let live = Live::new(packer.pack(vec![], ""), problems);
        live.note_attempt(Duration::from_millis(1500));
        live.note_remembered(Remembered {
            source_bytes: 99,
            known_bytes: 77,
        });
        let site = Site {
            root: "/srv/\"a\\b\"".into(),
            live: Arc::new(live),
        };
        let told = Told {
            sites: Arc::new(ArcSwap::from_pointee(vec![site])),
            gauges: vec![Gauge {
                name: Name::Memory("br"),
                read: Box::new(|| 7),
            }],
        };
        let text = text(&told);
        for line in [
            "# TYPE littoral_memory_bytes gauge",
            "littoral_memory_bytes{kind=\"br\"} 7",
            r#"littoral_memory_bytes{site="/srv/\"a\\b\"",kind="source"} 99"#,
            r#"littoral_memory_bytes{site="/srv/\"a\\b\"",kind="known"} 77"#,
            r#"littoral_generation{site="/srv/\"a\\b\""} 1"#,
            r#"littoral_problems{site="/srv/\"a\\b\"",severity="error"} 1"#,
            r#"littoral_last_good{site="/srv/\"a\\b\""} 1"#,
            r#"littoral_publish_outcome{site="/srv/\"a\\b\"",outcome="refused"} 1"#,
            r#"littoral_publish_seconds{site="/srv/\"a\\b\""} 1.5"#,
        ] {
            assert!(text.lines().any(|one| one == line), "{line}\n{text}");
        }
        assert!(text.ends_with('\n'));
    }
}
