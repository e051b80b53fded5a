//! A node that answers what a test wants.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use serde_json::Value;

use crate::{Client, Network, Networks};

/// Answer to `status`.
pub(crate) const STATUS: &str = r#"{"result":{"node_info":{"network":"noderev-local"},
    "sync_info":{"latest_block_height":"1","latest_block_time":"2026-01-01T00:00:00Z",
    "catching_up":false}}}"#;

/// The local network at a node that answers each method with this HTTP status and text.
pub(crate) fn network<T: Into<String>>(
    mut answer: impl FnMut(&str) -> (u16, T) + Send + 'static,
) -> Network {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let stream = stream.unwrap();
            let method = asked(&stream);
            let (status, text) = answer(&method);
            let _ = tell(stream, status, &text.into());
        }
    });
    let mut network = Networks::built_in().unwrap().get("local").unwrap().clone();
    network.rpc = vec![url];
    network
}

/// A client of such a node. It is patient for a second and waits two for a transaction.
pub(crate) fn client(answer: impl FnMut(&str) -> (u16, &'static str) + Send + 'static) -> Client {
    let network = network(answer);
    let mut client = Client::connect_with(&network, Duration::from_secs(1)).unwrap();
    client.in_a_block = Duration::from_secs(2);
    client
}

/// The method of a request.
fn asked(stream: &TcpStream) -> String {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        let line = line.trim().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(bytes) = line.strip_prefix("content-length:") {
            length = bytes.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let request: Value = serde_json::from_slice(&body).unwrap();
    request["method"].as_str().unwrap().to_owned()
}

fn tell(mut stream: TcpStream, status: u16, text: &str) -> std::io::Result<()> {
    let length = text.len();
    write!(
        stream,
        "HTTP/1.1 {status} said\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{text}"
    )
}
