//! A small ACME directory: it speaks the protocol over TLS, checks every signature, nonce and address, asks for http-01
//! by HTTP, and issues certificates that are good for some seconds.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicBool, Ordering::SeqCst},
};

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use base::Clock;
use crypto::{base64url, digest};
use http::{Method, StatusCode};
use http_body_util::BodyExt;
use parking_lot::Mutex;
use rcgen::{CertificateSigningRequestParams, SanType, date_time_ymd};
use serde_json::{Value, json};
use tokio::sync::watch;

use super::{outside_tls::acceptor, tls::Authority, *};

/// The directory, and what it has been asked.
pub(super) struct Directory {
    pub(super) state: Arc<State>,
}

pub(super) struct State {
    authority: Authority,
    origin: String,
    lifetime: Duration,
    /// Where the hosts are looked for.
    pub(super) hosts_at: watch::Sender<Option<SocketAddr>>,
    /// Whether no host is found to be anybody's.
    pub(super) doubts: AtomicBool,
    pub(super) inner: Mutex<Inner>,
}

#[derive(Default)]
pub(super) struct Inner {
    nonces: BTreeSet<String>,
    made: usize,
    /// The keys of the accounts, as `x` and `y`.
    pub(super) accounts: Vec<(String, String)>,
    pub(super) orders: Vec<Order>,
}

#[derive(Default)]
pub(super) struct Order {
    host: String,
    status: &'static str,
    authorization: &'static str,
    chain: Option<String>,
}

impl Directory {
    /// Starts a directory by whom certificates are good for so long.
    pub(super) async fn start(authority: Authority, lifetime: Duration) -> Self {
        let acceptor = acceptor(&authority.issue("directory", &["localhost"]), &[], None);
        let listener = TcpListener::bind(any()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            authority,
            origin: format!("https://localhost:{}", address.port()),
            lifetime,
            hosts_at: watch::Sender::new(None),
            doubts: AtomicBool::new(false),
            inner: Mutex::default(),
        });
        let shared = Arc::clone(&state);
        runtime::spawn(SERVER, async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (acceptor, state) = (acceptor.clone(), Arc::clone(&shared));
                runtime::spawn(SERVER, async move {
                    let Ok(stream) = acceptor.accept(stream).await else { return };
                    let service = service_fn(move |request| {
                        let state = Arc::clone(&state);
                        async move { Ok::<_, Infallible>(state.answer(request).await) }
                    });
                    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
                });
            }
        });
        Self { state }
    }

    pub(super) fn url(&self) -> String {
        format!("{}/directory", self.state.origin)
    }

    pub(super) fn authority(&self) -> &Authority {
        &self.state.authority
    }
}

impl State {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let url = |path: &str| format!("{}/{path}", self.origin);
        let mut response = match (head.method, head.uri.path()) {
            (Method::GET, "/directory") => reply(
                StatusCode::OK,
                &json!({ "newNonce": url("nonce"), "newAccount": url("account"), "newOrder": url("order") }),
            ),
            (Method::HEAD, "/nonce") => Response::default(),
            (Method::POST, path) => match self.signed(path, &body) {
                Ok((account, payload)) => self.act(path, account, &payload).await,
                Err(kind) => {
                    reply(StatusCode::BAD_REQUEST, &json!({ "type": format!("urn:ietf:params:acme:error:{kind}") }))
                }
            },
            _ => reply(StatusCode::NOT_FOUND, &json!({})),
        };
        let nonce = self.nonce();
        response.headers_mut().insert("replay-nonce", HeaderValue::try_from(nonce).unwrap());
        response
    }

    fn nonce(&self) -> String {
        let mut inner = self.inner.lock();
        inner.made += 1;
        let nonce = base64url::encode(inner.made.to_be_bytes());
        inner.nonces.insert(nonce.clone());
        nonce
    }

    /// Returns the account that signed a request (RFC 8555, 6.2) and what it says.
    fn signed(&self, path: &str, body: &[u8]) -> Result<(usize, Value), &'static str> {
        let decode = |text: &Value| base64url::decode(text.as_str()?);
        let signed: Value = serde_json::from_slice(body).map_err(|_| "malformed")?;
        let protected = decode(&signed["protected"]).ok_or("malformed")?;
        let protected: Value = serde_json::from_slice(&protected).map_err(|_| "malformed")?;
        let mut inner = self.inner.lock();
        if !inner.nonces.remove(protected["nonce"].as_str().unwrap_or_default()) {
            return Err("badNonce");
        }
        if protected["url"] != format!("{}{path}", self.origin) || protected["alg"] != "ES256" {
            return Err("malformed");
        }
        let (account, key) = match protected["kid"].as_str() {
            None => (None, jwk(&protected["jwk"])),
            Some(kid) => {
                let number = kid.rsplit('/').next().unwrap().parse::<usize>().map_err(|_| "accountDoesNotExist")?;
                (Some(number), inner.accounts.get(number).cloned().ok_or("accountDoesNotExist")?)
            }
        };
        let point = [vec![4], base64url::decode(&key.0).unwrap(), base64url::decode(&key.1).unwrap()].concat();
        let text =
            format!("{}.{}", signed["protected"].as_str().unwrap(), signed["payload"].as_str().unwrap_or_default());
        let signature = decode(&signed["signature"]).ok_or("malformed")?;
        let public = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point);
        public.verify(text.as_bytes(), &signature).map_err(|_| "unauthorized")?;
        let known = account.or_else(|| inner.accounts.iter().position(|known| *known == key));
        let account = known.unwrap_or_else(|| {
            inner.accounts.push(key);
            inner.accounts.len() - 1
        });
        let payload = decode(&signed["payload"]).ok_or("malformed")?;
        Ok((account, serde_json::from_slice(&payload).unwrap_or(Value::Null)))
    }

    async fn act(&self, path: &str, account: usize, payload: &Value) -> Response<Full<Bytes>> {
        let (what, number) = path[1..].split_once('/').unwrap_or_else(|| (&path[1..], "0"));
        let number: usize = number.parse().unwrap();
        match what {
            "account" => {
                assert_eq!(payload["termsOfServiceAgreed"], true);
                assert_eq!(payload["contact"], json!(["mailto:admin@site.example"]));
                located(format!("{}/account/{account}", self.origin), &json!({ "status": "valid" }))
            }
            "order" if path == "/order" => {
                let host = payload["identifiers"][0]["value"].as_str().unwrap().to_owned();
                let number = {
                    let mut inner = self.inner.lock();
                    inner.orders.push(Order { host, status: "pending", authorization: "pending", chain: None });
                    inner.orders.len() - 1
                };
                located(format!("{}/order/{number}", self.origin), &self.order(number))
            }
            "order" => reply(StatusCode::OK, &self.order(number)),
            "authorization" => reply(StatusCode::OK, &self.authorization(number)),
            "challenge" => {
                self.look(number, account).await;
                reply(StatusCode::OK, &self.authorization(number)["challenges"][0])
            }
            "finalize" => {
                self.issue(number, payload["csr"].as_str().unwrap());
                reply(StatusCode::OK, &self.order(number))
            }
            "certificate" => Response::new(Full::new(self.inner.lock().orders[number].chain.clone().unwrap().into())),
            _ => reply(StatusCode::NOT_FOUND, &json!({})),
        }
    }

    fn order(&self, number: usize) -> Value {
        let inner = self.inner.lock();
        let (order, url) = (&inner.orders[number], |what: &str| format!("{}/{what}/{number}", self.origin));
        let mut value = json!({
            "status": order.status,
            "identifiers": [{ "type": "dns", "value": order.host }],
            "authorizations": [url("authorization")],
            "finalize": url("finalize"),
        });
        if order.chain.is_some() {
            value["certificate"] = url("certificate").into();
        }
        value
    }

    fn authorization(&self, number: usize) -> Value {
        let inner = self.inner.lock();
        let order = &inner.orders[number];
        let mut challenge = json!({
            "type": "http-01",
            "url": format!("{}/challenge/{number}", self.origin),
            "token": format!("token-{number}"),
            "status": order.authorization,
        });
        if order.authorization == "invalid" {
            challenge["error"] = json!({ "type": "urn:ietf:params:acme:error:unauthorized", "detail": "I doubt it" });
        }
        let identifier = json!({ "type": "dns", "value": order.host });
        json!({ "identifier": identifier, "status": order.authorization, "challenges": [challenge] })
    }

    /// Looks by HTTP whether the host is that of the account (RFC 8555, 8.3).
    async fn look(&self, number: usize, account: usize) {
        let at = self.hosts_at.subscribe().wait_for(Option::is_some).await.unwrap().unwrap();
        let (host, (x, y)) = {
            let inner = self.inner.lock();
            (inner.orders[number].host.clone(), inner.accounts[account].clone())
        };
        let path = format!("/.well-known/acme-challenge/token-{number}");
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        let answer = raw(at, request.as_bytes()).await;
        let jwk: BTreeMap<_, _> = [("crv", "P-256"), ("kty", "EC"), ("x", &x), ("y", &y)].into();
        let thumbprint = base64url::encode(digest::sha256(serde_json::to_string(&jwk).unwrap()));
        let proved = answer.ends_with(&format!("\r\n\r\ntoken-{number}.{thumbprint}")) && status(&answer) == 200;
        let found = proved && !self.doubts.load(SeqCst);
        let order = &mut self.inner.lock().orders[number];
        (order.status, order.authorization) = if found { ("ready", "valid") } else { ("invalid", "invalid") };
    }

    fn issue(&self, number: usize, csr: &str) {
        let csr = base64url::decode(csr).unwrap();
        let mut csr = CertificateSigningRequestParams::from_der(&csr.into()).unwrap();
        let mut inner = self.inner.lock();
        let order = &mut inner.orders[number];
        assert_eq!(order.status, "ready");
        let names = [SanType::DnsName(order.host.clone().try_into().unwrap())];
        assert_eq!(csr.params.subject_alt_names, names);
        let now = SystemClock.now().since(base::Timestamp::EPOCH);
        csr.params.not_before = date_time_ymd(1970, 1, 1) + now;
        csr.params.not_after = date_time_ymd(1970, 1, 1) + now + self.lifetime;
        csr.params.serial_number = Some(vec![1, u8::try_from(number).unwrap()].into());
        let certificate = csr.signed_by(self.authority.issuer()).unwrap();
        (order.status, order.chain) = ("valid", Some(certificate.pem()));
    }
}

fn jwk(key: &Value) -> (String, String) {
    assert_eq!((&key["kty"], &key["crv"]), (&json!("EC"), &json!("P-256")));
    (key["x"].as_str().unwrap().to_owned(), key["y"].as_str().unwrap().to_owned())
}

fn reply(status: StatusCode, body: &Value) -> Response<Full<Bytes>> {
    let response = Response::builder().status(status).header("content-type", "application/json");
    response.body(Full::new(body.to_string().into())).unwrap()
}

fn located(at: String, body: &Value) -> Response<Full<Bytes>> {
    let mut response = reply(StatusCode::CREATED, body);
    response.headers_mut().insert("location", HeaderValue::try_from(at).unwrap());
    response
}
