-- What the score needs to know of them.
select profile_id as account_id, followers, category, language, engagement_ratio_grade as grade
from mart_instagram_account
where profile_id in {keys:Array(String)} and followers > 0
