-- Partners that have sentiment reports.
select value from ops.tracked_entity where kind = 'sentiment_partner' and enabled;
