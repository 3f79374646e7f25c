-- Accounts that campaigns may be recommended to.
select account_id from campaign.campaign_profile where platform = 'INSTAGRAM';
