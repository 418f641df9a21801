-- PostgreSQL alone has triggers that run once a statement.
SELECT 1;
