//! `/health` and `/metrics` over HTTP.

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::thread;

use axum::http::header::CONTENT_TYPE;
use axum::http::StatusCode;
use axum::routing::get;
use axum::Router;

use super::metrics::Metrics;

/// What Prometheus wants to be told of the text's format.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Serves the figures at this address, in a thread of its own, as long as the program runs. Answers
/// where: a port 0 becomes a free one.
pub fn serve(metrics: &Arc<Metrics>, address: SocketAddr) -> io::Result<SocketAddr> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let bound = listener.local_addr()?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let pages = pages(metrics);
    thread::spawn(move || {
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            axum::serve(listener, pages).await
        })
    });
    Ok(bound)
}

fn pages(metrics: &Arc<Metrics>) -> Router {
    let (shown, asked) = (metrics.clone(), metrics.clone());
    Router::new()
        .route(
            "/metrics",
            get(|| async move { ([(CONTENT_TYPE, OPEN_METRICS)], shown.text()) }),
        )
        .route(
            "/health",
            get(|| async move {
                match asked.sickness() {
                    None => (StatusCode::OK, "well\n".to_owned()),
                    Some(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")),
                }
            }),
        )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpStream;
    use std::time::Duration;

    fn ask(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: it\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn health_and_metrics_answer() {
        let metrics = Arc::new(Metrics::new(Duration::from_secs(60)));
        let address = serve(&metrics, "127.0.0.1:0".parse().unwrap()).unwrap();
        let sick = ask(address, "/health");
        assert!(sick.starts_with("HTTP/1.1 503") && sick.contains("never seen"));
        metrics.saw();
        assert!(ask(address, "/health").starts_with("HTTP/1.1 200"));
        let figures = ask(address, "/metrics");
        assert!(figures.contains(OPEN_METRICS) && figures.contains("noderev_keeper_up 1.0"));
        assert!(figures.ends_with("# EOF\n"));
        assert!(ask(address, "/else").starts_with("HTTP/1.1 404"));
        // The address is taken.
        assert!(serve(&metrics, address).is_err());
    }
}
