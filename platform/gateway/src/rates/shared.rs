//! The same buckets counted by all gateways together, in Redis or Valkey, by one script that nothing comes between.

use std::sync::LazyLock;

use cache::{Away, Script, Shared};

use super::{
    Due,
    gcra::{Quota, Verdict},
};

/// Takes one request out of each bucket in turn until one has none left, by the engine's own clock. What it answers of
/// each bucket: whether the request fits, then how long until the bucket is full, or until the request would fit.
static TAKE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local clock = redis.call('TIME')
local now = clock[1] * 1000000 + clock[2]
local answer = {}
for number, key in ipairs(KEYS) do
  local period, capacity = tonumber(ARGV[number * 2 - 1]), tonumber(ARGV[number * 2])
  local owed = math.max(tonumber(redis.call('GET', key) or '0') - now, 0)
  if owed + period > capacity then
    answer[number * 2 - 1], answer[number * 2] = 0, owed
    break
  end
  owed = owed + period
  redis.call('SET', key, string.format('%.0f', now + owed), 'PX', math.ceil(owed / 1000) + 1)
  answer[number * 2 - 1], answer[number * 2] = 1, owed
end
return answer",
    )
});

/// Takes one request out of the bucket of each of `dues`; the last verdict is the first that refuses, if one does.
pub(super) async fn take(shared: &Shared, dues: &[Due<'_>]) -> Result<Vec<Verdict>, Away> {
    let keys: Vec<_> = dues.iter().map(Due::shared_key).collect();
    let arguments: Vec<_> =
        dues.iter().flat_map(|due| [due.limit.quota.period_us, due.limit.quota.capacity_us()]).collect();
    let answer = shared.run(&TAKE, &keys, &arguments).await?;
    let pairs = answer.chunks_exact(2).zip(dues);
    Ok(pairs.filter_map(|(pair, due)| verdict(pair, due.limit.quota)).collect())
}

fn verdict(pair: &[i64], quota: Quota) -> Option<Verdict> {
    let &[fits, owed_us] = pair else { return None };
    let owed_us = u64::try_from(owed_us).unwrap_or(0);
    let wait_us = (fits == 0).then(|| (owed_us + quota.period_us).saturating_sub(quota.capacity_us()));
    Some(Verdict { wait_us, ..quota.verdict(owed_us) })
}
