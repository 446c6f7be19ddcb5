//! The table of settings: the single source of every key, its type, its default and its words.

use std::{net::SocketAddr, path::PathBuf};

use gateway::rates::{Network, Rule};
use messaging::Durability;
use runtime::telemetry::LogFormat;
use serde::Deserialize;

use super::{
    field::{Field, Section, Setting},
    kinds::{
        Addresses, Carrier, Catalogue, Certificate, MaybeAddress, NatsPrefix, NatsUrl, Protection, RedisUrl,
        RootSecrets, Shard, Token, TrustDomain, Whole,
    },
};

/// Makes the structs of the sections and the list of their fields from one text, so that neither can differ from the other.
/// A default is written as TOML.
macro_rules! settings {
    (
        $(#[doc = $root_doc:literal])+
        $root:ident { $($(#[doc = $doc:literal])+ $field:ident: $type:ty = $default:tt;)+ }
        $(
            $(#[doc = $section_doc:literal])+
            [$section:ident] $name:ident { $($(#[doc = $inner_doc:literal])+ $inner:ident: $inner_type:ty = $inner_default:tt;)+ }
        )+
    ) => {
        $(#[doc = $root_doc])+
        #[derive(Debug, Clone, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $root {
            $($(#[doc = $doc])+ pub $field: $type,)+
            $($(#[doc = $section_doc])+ pub $section: $name,)+
        }

        $(
            $(#[doc = $section_doc])+
            #[derive(Debug, Clone, Deserialize)]
            #[serde(deny_unknown_fields)]
            pub struct $name {
                $($(#[doc = $inner_doc])+ pub $inner: $inner_type,)+
            }
        )+

        /// Every section in the order above; the first has no name.
        pub(super) static SECTIONS: &[Section] = &[
            Section {
                name: "",
                doc: concat!($($root_doc),+),
                fields: &[$(Field {
                    key: stringify!($field),
                    doc: concat!($($doc),+),
                    default_text: stringify!($default),
                    kind: <$type as Setting>::kind,
                    members: <$type as Setting>::MEMBERS,
                    accepts: <$type as Setting>::accepts,
                    show: <$type as Setting>::show,
                },)+],
            },
            $(Section {
                name: stringify!($section),
                doc: concat!($($section_doc),+),
                fields: &[$(Field {
                    key: concat!(stringify!($section), ".", stringify!($inner)),
                    doc: concat!($($inner_doc),+),
                    default_text: stringify!($inner_default),
                    kind: <$inner_type as Setting>::kind,
                    members: <$inner_type as Setting>::MEMBERS,
                    accepts: <$inner_type as Setting>::accepts,
                    show: <$inner_type as Setting>::show,
                },)+],
            },)+
        ];
    };
}

settings! {
    /// What concerns the whole installation.
    Settings {
        /// Address and port on which the gateway serves pages and API. Since v0.1.
        listen: SocketAddr = "127.0.0.1:8080";
        /// Folder of everything the installation keeps: databases, files, keys, mail. Since v0.1.
        data: PathBuf = "data";
        /// Where people reach the product: the beginning of every link in a mail. With `https://` cookies are Secure.
        /// Unset, it is made of `listen`, with `https://` when there are `gateway.certificates` or a `gateway.acme_directory`. Since v0.1.
        public_address: String = "http://localhost:8080";
        /// Address and port at which every node of any role answers `/health`, `/ready` and `/metrics`, for an orchestrator's probes
        /// and for Prometheus; nowhere when empty. Plain HTTP without a secret: keep it from the public. Since v0.1.
        probes: MaybeAddress = "";
    }

    /// The secrets from which all keys are derived; `docs/guides/keys.md` says how to exchange them.
    [keys] Keys {
        /// The root secrets, between commas, the oldest first, the primary with a `*` before it. Every node needs the same ones.
        /// Empty, they are in the file `keys/root.key` below `data`, which is made when there is none. Since v0.1.
        root: RootSecrets = "";
    }

    /// The databases.
    [storage] Storage {
        /// The databases that hold the data; the first is home to the directory of tenants.
        /// `sqlite:FOLDER` is a file per service in a folder below `data`; `postgres://USER:PASSWORD@HOST:PORT/DATABASE` a schema per service.
        /// With `?sslmode=disable`, `prefer`, `require`, `verify-ca` or `verify-full`, as libpq has them; `docs/guides/postgres.md` explains them.
        /// Never remove one that holds data. Since v0.1.
        shards: Vec<Shard> = [{ name = "shard-0", url = "sqlite:shard-0" }];
        /// Apply pending migrations at start. When false, a node with pending migrations refuses to start. Since v0.1.
        migrate: bool = true;
        /// File of root certificates in PEM that PostgreSQL's certificate must be signed by, below `data` unless absolute;
        /// empty for the system's. Since v0.1.
        root_certificates: PathBuf = "";
        /// Most connections to one PostgreSQL shard, per service and node. Since v0.1.
        connections_max: Whole<1, 1_000> = 16;
    }

    /// The log, which goes to standard error.
    [log] Log {
        /// Lines for people, or one JSON object a line. Since v0.1.
        format: LogFormat = "human";
        /// What to log, in the syntax of `tracing`'s filters, for example `info,gateway=debug`. Since v0.1.
        filter: String = "info";
    }

    /// What carries events between services.
    [messaging] Messaging {
        /// `journal` keeps them in the databases of `storage.shards`, with nothing to install; `nats` in NATS JetStream 2.9 or later.
        /// Changing it leaves behind what the other still holds. Since v0.1.
        bus: Carrier = "journal";
        /// The least that a published event must survive: `memory` the end of any process, `replicated` the loss of a machine,
        /// `fsynced` the loss of power. A node whose bus promises less refuses to start. The journal is `fsynced`;
        /// NATS is `replicated` with two or more replicas, and `memory` with one. Since v0.1.
        durability: Durability = "memory";
        /// Servers of NATS, between commas: `nats://HOST:PORT` or `tls://HOST:PORT`, with `USER:PASSWORD@` where they ask for it. Since v0.1.
        nats_url: NatsUrl = "nats://127.0.0.1:4222";
        /// File of credentials that `nsc` made, below `data` unless absolute; empty for none. Since v0.1.
        nats_credentials: PathBuf = "";
        /// What the names of streams and subjects begin with; installations that share servers take one each. Since v0.1.
        nats_prefix: NatsPrefix = "fpms";
        /// Servers of NATS that keep each event. Since v0.1.
        nats_replicas: Whole<1, 5> = 1;
    }

    /// The way in: limits on what comes from outside.
    [gateway] Gateway {
        /// Seconds that requests under way are given to end when the node stops. Since v0.1.
        grace_seconds: Whole<0, 3_600> = 30;
        /// Most bytes of a request's line and headers together. Since v0.1.
        header_bytes_max: Whole<1_024, 1_048_576> = 32_768;
        /// Most headers of a request. Since v0.1.
        headers_max: Whole<16, 1_000> = 100;
        /// Most bytes of a request's body; must leave room for `files.upload_bytes_max`. Since v0.1.
        body_bytes_max: Whole<1_024, 17_179_869_184> = 272_629_760;
        /// Seconds until a service must have begun to answer. Since v0.1.
        request_timeout_seconds: Whole<1, 3_600> = 30;
        /// Certificates of TLS at `listen`, as PEM: `file` begins with the server's own and goes on with those that lead to the root, `key` is its private key.
        /// Paths are below `data` unless absolute. Which one is shown follows from the names in them; the first is for clients that ask for no name or for an unknown one.
        /// Read again when the files change. Without any, `listen` is plain HTTP, for the local machine or behind something that ends TLS. Since v0.1.
        certificates: Vec<Certificate> = [];
        /// Address of an ACME directory (RFC 8555), such as `https://acme-v02.api.letsencrypt.org/directory`, from which a certificate for
        /// `acme_hosts` is obtained and renewed in time; none when empty. Whoever names one agrees to its terms.
        /// `docs/guides/acme.md` explains it. Since v0.1.
        acme_directory: String = "";
        /// Hosts of that certificate, without wildcards. The directory looks for each at port 80, so `redirect_listen` must be reached
        /// there. Since v0.1.
        acme_hosts: Vec<String> = [];
        /// Address of mail at which the directory may warn; none when empty. Since v0.1.
        acme_contact: String = "";
        /// File of the authorities that may vouch for the directory itself, as PEM, below `data` unless absolute; empty for those of the
        /// machine. Since v0.1.
        acme_authorities: PathBuf = "";
        /// Address and port of plain HTTP that leads everybody to https, such as `0.0.0.0:80`; nowhere when empty. Since v0.1.
        redirect_listen: MaybeAddress = "";
        /// Seconds for which browsers are told to use https only (Strict-Transport-Security); not told when 0. Since v0.1.
        hsts_seconds: Whole<0, 315_360_000> = 63_072_000;
        /// Seconds that a handshake of TLS may take. Since v0.1.
        tls_handshake_seconds: Whole<1, 60> = 10;
        /// Most handshakes of TLS at the same time. Since v0.1.
        tls_handshakes_max: Whole<1, 100_000> = 1_024;
        /// Most requests under way on one connection of HTTP/2. Since v0.1.
        http2_streams_max: Whole<1, 1_000> = 128;
        /// Take HTTP/2 without TLS at `listen` too, from clients that begin with it. Since v0.1.
        h2c: bool = false;
        /// The route file, which adds to the services' own routes and to `listen`: places outside, canaries, redirects, rewrites, listeners. None when empty.
        /// Read again when it changes; `docs/guides/gateway.md` explains it. Since v0.1.
        routes: PathBuf = "";
        /// Address at which a node with the role `gateway` answers `/health`, `/ready` and `/metrics`, and the calls of an operator who
        /// shows the installation's key; `probes` is the one for nodes of any role. Port 0 chooses one, which `gateway/admin` below
        /// `data` tells. Since v0.1.
        admin: SocketAddr = "127.0.0.1:0";
        /// Compress answers for clients that like it. Since v0.1.
        compression: bool = true;
        /// Most bytes of answers kept in memory for everybody, of those that services allow to be; 0 keeps none. Since v0.1.
        cache_bytes_max: Whole<0, 17_179_869_184> = 67_108_864;
        /// Proxies in front of the gateway, as ranges of addresses: what they say of the client's address is believed. Since v0.1.
        trusted_proxies: Vec<Network> = [];
        /// How many requests may come: `requests` in `seconds`, up to `burst` at once, counted `by` `address`, `person`, `tenant` or `route`,
        /// for one `method` and these `paths` only where they are named. An empty list turns limits off.
        /// `docs/guides/gateway.md` explains them. Since v0.1.
        limits: Vec<Rule> = [
            { name = "address", by = "address", requests = 30000, seconds = 60 },
            { name = "person", by = "person", requests = 1200, seconds = 60 },
            { name = "sign-in", by = "address", requests = 300, seconds = 60, method = "POST", paths = ["/sign-in", "/api/v1/session", "/password/forgot", "/api/v1/password-resets"] },
        ];
        /// Ranges of addresses that are not counted by address, such as a monitor's. Since v0.1.
        limits_exempt: Vec<Network> = ["127.0.0.0/8", "::1/128"];
        /// Redis or Valkey, `redis://HOST:PORT` with `USER:PASSWORD@` where it asks for it, in which all gateways count together.
        /// Each counts for itself when empty, and while the engine is away. Since v0.1.
        limits_shared: RedisUrl = "";
    }

    /// How the nodes of an installation find and reach each other.
    [mesh] Mesh {
        /// Address of the registry: the role `registry` serves it there, nodes without that role look for it there.
        /// Port 0 chooses one, which is right when one process has all roles. Since v0.1.
        registry: SocketAddr = "127.0.0.1:0";
        /// Further registries of the installation, for nodes to turn to when the first does not answer: `HOST:PORT` between
        /// commas. They share a catalogue, so `catalogue` is `nats` in each. Since v0.1.
        registries: Addresses = "";
        /// Where the role `registry` keeps its catalogue: `snapshot` is a file below `data`, for one registry; `nats` the
        /// servers of `messaging.nats_url`, for any number of them. Since v0.1.
        catalogue: Catalogue = "snapshot";
        /// Address on which this node's services serve the others; port 0 chooses one for each service. Since v0.1.
        address: SocketAddr = "127.0.0.1:0";
        /// Whether nodes take only connections over which both ends show who they are (mutual TLS with certificates of the
        /// installation's own authority). `auto`: when `registry` has a port, and so there may be several processes.
        /// The same in every process. Since v0.1.
        protection: Protection = "auto";
        /// What the nodes' SPIFFE ids begin with, after `spiffe://`; the same in every process. Since v0.1.
        trust_domain: TrustDomain = "fpms";
        /// Token by which others read the registry, and register themselves, through Consul's API; with none, only who has
        /// the installation's own secret does. Since v0.1.
        consul_token: Token = "";
    }

    /// Signing in.
    [identity] Identity {
        /// Minutes without a request after which a session ends. Since v0.1.
        session_idle_minutes: Whole<1, 43_200> = 480;
        /// Hours after which a session ends in any case. Since v0.1.
        session_absolute_hours: Whole<1, 8_760> = 168;
        /// Most passwords checked at the same time; each takes a core and some memory. Since v0.1.
        password_hash_concurrency: Whole<1, 64> = 2;
    }

    /// Mail to people.
    [mail] Mail {
        /// Folder, below `data` unless absolute, into which each mail is written as an `.eml` file. Since v0.1.
        folder: PathBuf = "mail";
        /// Whom mails are from: an address, with or without a name before it. Since v0.1.
        from: String = "Final projects <no-reply@localhost.localdomain>";
    }

    /// Files that people upload.
    [files] Files {
        /// Most bytes of one uploaded file. Since v0.1.
        upload_bytes_max: Whole<1_024, 17_179_869_184> = 268_435_456;
    }
}
