-- Rows that change on a rhythm of their own (`every` seconds) for as long as the account lives: the newest revision of
-- (after, until], and for one account in a hundred also the one before. `what` keeps the rhythms of tables apart.
create or replace view world.account_revisions as
with
    begun as (
        select
            *,
            greatest(born_at, horizon) + 86400 + world_draw(key, {what:String}, 0, 864000) as begun_at,
            intDiv(least({until:Int64}, deleted_at - 1) - begun_at, {every:Int64}) as newest
        from world.account
        where creator >= {first:Int64} and creator < {last:Int64} and begun_at <= least({until:Int64}, deleted_at - 1)
    )
select
    *,
    toInt64(arrayJoin(range(greatest(newest - 1, 0), newest + 1))) as revision,
    begun_at + revision * {every:Int64} as changed_at
from begun
where changed_at > {after:Int64} and changed_at <= {until:Int64}
    and (revision = newest or world_draw(key, {what:String}, 1, 100) = 0);
