-- Why an account's ranks moved in a month: four maps by the key of the rank. Without a month the latest of each board
-- that the account is on (part months).
select
    movement.tableoid as source,
    movement.month,
    movement.platform,
    movement.rivals_gone,
    movement.rivals_new,
    movement.own_movement,
    movement.others_movement,
    movement.month_state,
    movement.computed_as_of
from {table} as movement
where movement.platform_id = %(platform_id)s
    and movement.profile_platform = %(profile_platform)s
    and movement.platform = any(%(boards)s) and movement.month = %(month)s::date -- if month
    and (platform, month) in (select platform, max(month) from part_months group by platform) -- unless month
