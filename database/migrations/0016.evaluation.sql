-- Evaluation: the scores of every closing, which closings a reviewer looks at, what those who were judged answered.
-- depends: 0015.surveys

-- As the closure record says; the derivation stands there.
CREATE TABLE case_scores (
    reference text NOT NULL,
    number integer NOT NULL, -- of the closing
    closed_at timestamptz NOT NULL,
    handler text, -- an agent's id
    team text,
    speed double precision,
    solution double precision,
    communication double precision,
    PRIMARY KEY (reference, number)
);

CREATE INDEX case_scores_handler ON case_scores (handler, closed_at DESC, reference DESC, number DESC);
CREATE INDEX case_scores_team ON case_scores (team, closed_at DESC);
CREATE INDEX case_scores_closed ON case_scores (closed_at DESC);

-- Closings that are put before a reviewer, from their entries `review_wanted`.
CREATE TABLE reviews (
    reference text NOT NULL,
    number integer NOT NULL,
    sequence integer NOT NULL,
    wanted_at timestamptz NOT NULL,
    causes text[] NOT NULL,
    handler text,
    team text,
    severity text,
    done integer, -- sequence of the evaluation
    done_at timestamptz,
    PRIMARY KEY (reference, number)
);

CREATE INDEX reviews_waiting ON reviews (wanted_at, reference, number) WHERE done IS NULL;
CREATE INDEX reviews_waiting_team ON reviews (team, wanted_at, reference, number) WHERE done IS NULL;
CREATE INDEX reviews_done ON reviews (done_at DESC, reference DESC, number DESC) WHERE done IS NOT NULL;
CREATE INDEX reviews_done_team ON reviews (team, done_at DESC, reference DESC, number DESC) WHERE done IS NOT NULL;

ALTER TABLE evaluations ADD COLUMN number integer; -- of the closing; none: recorded before evaluations had one
ALTER TABLE evaluations ADD COLUMN coaching text;

CREATE TABLE evaluation_answers (
    reference text NOT NULL,
    sequence integer NOT NULL,
    at timestamptz NOT NULL,
    actor_id text NOT NULL,
    evaluation integer NOT NULL, -- sequence of what is answered
    words text,
    PRIMARY KEY (reference, sequence)
);
