//! `fpms events`: what is on the bus, who is behind, showing events again, and the dead letters.

use std::{io::Write, sync::Arc};

use anyhow::{Context, Result};
use base::{Caller, Id, PageRequest, TenantId, Timestamp};
use clap::Subcommand;
use futures_util::FutureExt;
use messaging::{DeadLetter, Error, EventId, bus::Delivery, dead_letters, outbox};
use storage::{Database, Tenant, Tx};

use super::{block_on, look, place::Place};
use crate::{parts::Parts, services};

/// Events read at once.
const PAGE_EVENTS: u32 = 500;
/// On whose behalf, in the audit record.
const NAME: &str = "fpms events";

/// What `fpms events` is called with.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done with events. TIME is written as 2027-06-01T09:00:00Z.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print the consumers of each service and shard: how far behind, what waits, what was given up
    List {
        #[command(flatten)]
        place: Place,
    },
    /// Print the events published since a time
    Read(Read),
    /// Let a consumer see again what was published since a time
    Replay {
        /// As `fpms events list` prints it
        consumer: String,
        /// The first moment to be seen again
        #[arg(long, value_name = "TIME")]
        from: Timestamp,
        #[command(flatten)]
        place: Place,
    },
    /// Print the events that consumers gave up
    Dead {
        /// Of this university alone
        #[arg(long)]
        tenant: Option<String>,
        #[command(flatten)]
        place: Place,
    },
    /// Give a consumer an event again that it gave up
    Retry(Letter),
    /// Forget an event that a consumer gave up: it will not be handled
    Discard(Letter),
}

/// What `fpms events read` is called with.
#[derive(Debug, clap::Args)]
pub struct Read {
    /// The first moment
    #[arg(long, value_name = "TIME")]
    pub from: Timestamp,
    /// Of this type alone, or of those that begin with it when it ends with a dot
    #[arg(long, value_name = "TYPE")]
    pub r#type: Option<String>,
    /// Of this university alone
    #[arg(long)]
    pub tenant: Option<String>,
    /// Print each as a CloudEvent in JSON, one a line, with its data
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    pub place: Place,
}

/// Which dead letter is meant.
#[derive(Debug, clap::Args)]
pub struct Letter {
    /// The consumer that gave up
    pub consumer: String,
    /// The event's id
    pub event: EventId,
    #[command(flatten)]
    pub place: Place,
}

/// Runs the command.
pub fn run(arguments: &Arguments, out: &mut impl Write) -> Result<()> {
    match &arguments.command {
        Command::List { place } => look(place, async |parts| list(parts, out).await),
        Command::Read(wanted) => look(&wanted.place, async |parts| read(parts, wanted, out).await),
        Command::Replay { consumer, from, place } => {
            block_on(place, async |parts| replay(parts, consumer, *from, out).await)
        }
        Command::Dead { tenant, place } => look(place, async |parts| dead(parts, tenant.as_deref(), out).await),
        Command::Retry(letter) => block_on(&letter.place, async |parts| {
            settle(parts, letter, Verdict::Retry).await?;
            Ok(writeln!(out, "`{}` gets {} again", letter.consumer, letter.event)?)
        }),
        Command::Discard(letter) => block_on(&letter.place, async |parts| {
            settle(parts, letter, Verdict::Discard).await?;
            Ok(writeln!(out, "`{}` will not get {}", letter.consumer, letter.event)?)
        }),
    }
}

async fn list(parts: &Parts, out: &mut impl Write) -> Result<()> {
    let bus = parts.bus().await?;
    writeln!(out, "the bus is {:?}", bus.durability())?;
    for services::Member { database, consumers } in services::members(parts).await? {
        let service = database.service();
        for (shard, (name, _)) in database.shard_names().enumerate() {
            let waiting = outbox::depth(&database, shard).await?.events;
            writeln!(out, "{service} at {name}: {waiting} in the outbox")?;
            for consumer in &consumers {
                let behind = bus.behind(shard, (*consumer).to_owned()).await?;
                let counts = dead_letters::count_of(&database, shard, consumer).await?;
                let (parked, dead) = (counts.parked, counts.dead);
                writeln!(out, "  {consumer}: {behind} behind, {parked} parked, {dead} dead")?;
            }
        }
    }
    Ok(())
}

async fn read(parts: &Parts, wanted: &Read, out: &mut impl Write) -> Result<()> {
    let tenant = match &wanted.tenant {
        Some(slug) => Some(services::tenant(parts, slug).await?.id),
        None => None,
    };
    let (bus, until) = (parts.bus().await?, parts.ambient.now());
    for shard in 0..shards(parts).await? {
        let Some(first) = bus.first_from(shard, wanted.from).await? else { continue };
        let mut after = first - 1;
        loop {
            let page = bus.read(shard, after, PAGE_EVENTS).await?;
            let Some(last) = page.last() else { break };
            after = last.sequence;
            // On a busy bus there is always one more: what came after the question is not asked for.
            let ended = last.envelope.time > until;
            for delivery in page.iter().filter(|delivery| is_wanted(delivery, wanted.r#type.as_deref(), tenant)) {
                print(delivery, wanted.json, out)?;
            }
            if ended {
                break;
            }
        }
    }
    Ok(())
}

fn is_wanted(delivery: &Delivery, event_type: Option<&str>, tenant: Option<TenantId>) -> bool {
    let name = &delivery.envelope.event_type;
    let is_type = |wanted: &str| if wanted.ends_with('.') { name.starts_with(wanted) } else { name == wanted };
    event_type.is_none_or(is_type) && tenant.is_none_or(|tenant| delivery.envelope.tenant == tenant)
}

/// Prints an event; what it says only when it is asked for, because it may be personal.
fn print(delivery: &Delivery, json: bool, out: &mut impl Write) -> Result<()> {
    let event = &delivery.envelope;
    if json {
        writeln!(out, "{}", event.to_json().context("an event on the bus is unreadable")?)?;
    } else {
        writeln!(out, "{} {} {} of {} in {}", event.time, event.event_type, event.id, event.key, event.tenant)?;
    }
    Ok(())
}

async fn replay(parts: &Parts, consumer: &str, from: Timestamp, out: &mut impl Write) -> Result<()> {
    let (database, name) = find(parts, consumer).await?;
    messaging::replay(&*parts.bus().await?, &database, name, from).await?;
    writeln!(out, "`{name}` sees again what was published since {from}")?;
    Ok(())
}

async fn dead(parts: &Parts, tenant: Option<&str>, out: &mut impl Write) -> Result<()> {
    let tenants = match tenant {
        Some(slug) => vec![services::tenant(parts, slug).await?],
        None => parts.storage().await?.directory().tenants(),
    };
    for database in services::databases_of_services(parts).await? {
        for tenant in &tenants {
            let mut request = PageRequest::default();
            loop {
                let wanted = request.clone();
                let page = database.read(&caller(parts, tenant.id), move |tx| page(tx, wanted).boxed()).await?;
                page.items.iter().try_for_each(|letter| print_letter(letter, tenant, out))?;
                match page.next {
                    Some(next) => request.after = Some(next),
                    None => break,
                }
            }
        }
    }
    Ok(())
}

async fn page(tx: &mut Tx, request: PageRequest) -> storage::Result<base::Page<DeadLetter>> {
    dead_letters::list(tx, &request).await
}

fn print_letter(letter: &DeadLetter, tenant: &Arc<Tenant>, out: &mut impl Write) -> Result<()> {
    let DeadLetter { consumer, event, attempts, failed_at, reason, .. } = letter;
    let (kind, slug) = (letter.event_type().unwrap_or_default(), &tenant.slug);
    writeln!(out, "{consumer} {event} {kind} in {slug}, given up at {failed_at} after {attempts}: {reason}")?;
    Ok(())
}

/// What becomes of a dead letter.
#[derive(Debug, Clone, Copy)]
enum Verdict {
    Retry,
    Discard,
}

/// Looks for the letter in every university, and does with it what is wanted.
async fn settle(parts: &Parts, letter: &Letter, verdict: Verdict) -> Result<()> {
    let (database, consumer) = find(parts, &letter.consumer).await?;
    for tenant in parts.storage().await?.directory().tenants() {
        let (event, caller) = (letter.event, caller(parts, tenant.id));
        match database.write(&caller, move |tx| decide(tx, consumer, event, verdict).boxed()).await {
            Err(Error::UnknownDeadLetter) => {}
            done => return Ok(done?),
        }
    }
    Err(Error::UnknownDeadLetter.into())
}

async fn decide(tx: &mut Tx, consumer: &'static str, event: EventId, verdict: Verdict) -> messaging::Result<()> {
    let action = match verdict {
        Verdict::Retry => {
            dead_letters::send_again(tx, consumer, event).await?;
            "console.dead_letter.send"
        }
        Verdict::Discard => {
            dead_letters::discard(tx, consumer, event).await?;
            "console.dead_letter.discard"
        }
    };
    let detail = serde_json::json!({ "consumer": consumer });
    audit::record(tx, audit::Entry::new(action).object("event", event.uuid()).detail(&detail)).await?;
    Ok(())
}

async fn find(parts: &Parts, consumer: &str) -> Result<(Database, &'static str)> {
    for services::Member { database, consumers } in services::members(parts).await? {
        if let Some(name) = consumers.into_iter().find(|name| *name == consumer) {
            return Ok((database, name));
        }
    }
    Err(Error::UnknownConsumer(consumer.to_owned()).into())
}

async fn shards(parts: &Parts) -> Result<usize> {
    Ok(services::databases_of_services(parts).await?.first().map_or(0, Database::shards))
}

fn caller(parts: &Parts, tenant: TenantId) -> Caller {
    Caller::system(tenant, NAME, parts.request())
}
