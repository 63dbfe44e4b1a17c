-- Requests to reopen a case that has ended, and which decision a notice tells.
-- depends: 0016.evaluation

-- Since when a complainant waits for an answer to "it is not solved after all"; NULL: nobody asks.
ALTER TABLE complaints ADD COLUMN reopening_requested_at timestamptz;
CREATE INDEX complaints_reopening_requested ON complaints (closed_at DESC, reference DESC)
WHERE reopening_requested_at IS NOT NULL;

-- Which decision a notice tells: a mail that answers it answers this one, whatever was decided since.
ALTER TABLE notices ADD COLUMN decision integer;

-- Which decision a mail answers, if it is an answer to one.
ALTER TABLE mails ADD COLUMN answers integer;
