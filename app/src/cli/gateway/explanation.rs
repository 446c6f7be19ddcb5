//! An explanation in words, for people at a terminal.

use std::io::Write;

use anyhow::Result;
use serde_json::Value;

/// Prints an explanation as the gateway tells it.
pub(super) fn print(told: &Value, out: &mut impl Write) -> Result<()> {
    match &told["route"] {
        Value::Null => writeln!(out, "no route fits")?,
        route => {
            writeln!(out, "route {} ({})", text(&route["name"]), text(&route["match"]))?;
            if let Some(status) = route["redirect"].as_u64() {
                writeln!(out, "  answers by itself with {status}")?;
            }
            let timeout_ms = &route["response_timeout_ms"];
            let [cors, cached, compressed] = ["cors", "cached", "compressed"].map(|key| &route[key]);
            writeln!(out, "  answers within {timeout_ms} ms, cors {cors}, cached {cached}, compressed {compressed}")?;
        }
    }
    for backend in list(&told["backends"]) {
        let (percent, left) = (number(&backend["percent"]), &backend["repetitions_left"]);
        writeln!(
            out,
            "backend {} by {}, {percent} %, {left} repetitions left, {} nodes left alone",
            text(&backend["name"]),
            text(&backend["protocol"]),
            backend["ejected"]
        )?;
        if backend["panic"] == true {
            writeln!(out, "  so many nodes fail that breakers are not heeded")?;
        }
        if let Some(after_ms) = backend["hedge_after_ms"].as_f64() {
            writeln!(out, "  a second node is asked, too, after {after_ms:.0} ms")?;
        }
        for node in list(&backend["nodes"]) {
            let [ewma, cost, share] = ["ewma_ms", "cost_ms", "share"].map(|key| number(&node[key]));
            let (address, breaker) = (text(&node["address"]), text(&node["breaker"]));
            writeln!(
                out,
                "  {address} breaker {breaker}, {ewma} ms, {} under way, share {share}, cost {cost}",
                node["in_flight"]
            )?;
        }
    }
    for limit in list(&told["limits"]) {
        let (name, remaining, requests) = (text(&limit["name"]), &limit["remaining"], &limit["requests"]);
        let here = if limit["shared"] == true { ", of what this gateway counted alone" } else { "" };
        writeln!(out, "limit {name}: {remaining} left of {requests} in {} s{here}", limit["seconds"])?;
    }
    for passed in list(&told["passed_over"]) {
        let (route, matching) = (text(&passed["route"]), text(&passed["match"]));
        writeln!(out, "not {route} ({matching}): {}", text(&passed["because"]))?;
    }
    Ok(())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn number(value: &Value) -> String {
    format!("{:.2}", value.as_f64().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_names_the_route_the_nodes_and_what_was_passed_over() {
        let told = serde_json::json!({
            "route": { "name": "canary", "match": "GET below `/a`", "redirect": null, "cors": false, "cached": true,
                       "compressed": true, "response_timeout_ms": 30_000 },
            "backends": [{ "name": "shop", "protocol": "http1", "percent": 100.0, "ejected": 0, "panic": false, "repetitions_left": 10, "hedge_after_ms": 100.0, "nodes": [
                { "address": "127.0.0.1:1", "breaker": "Closed", "ewma_ms": 30.0, "cost_ms": 30.0, "share": 1.0, "in_flight": 0 },
            ] }],
            "limits": [{ "name": "address", "remaining": 5, "requests": 6, "seconds": 60 }],
            "passed_over": [{ "route": "other", "match": "below `/b`", "because": "the path is not below `/b`" }],
        });
        let mut out = Vec::new();
        print(&told, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        for expected in [
            "route canary (GET below `/a`)\n",
            "backend shop by http1, 100.00 %, 10 repetitions left, 0 nodes left alone\n",
            "  127.0.0.1:1 breaker Closed, 30.00 ms, 0 under way, share 1.00, cost 30.00\n",
            "limit address: 5 left of 6 in 60 s\n",
            "not other (below `/b`): the path is not below `/b`\n",
        ] {
            assert!(text.contains(expected), "{expected:?} in {text}");
        }
    }
}
