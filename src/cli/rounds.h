/* SPDX-License-Identifier: MIT
 *
 * The lanes at work, from the first to the last of them.  A round is a start of lanes: where all
 * lanes have gone and units are left, for some were killed, a new round goes on.
 */
#ifndef GW_CLI_ROUNDS_H
#define GW_CLI_ROUNDS_H

#include "base/err.h"
#include "cli/engine.h"
#include "cli/finish.h"
#include "cli/slots.h"

struct loaded_run;
struct report;

struct running {
	struct arena mem;
	struct run_view view;
	struct engine engine;
	bool uses_engine;      /* false: -n 0, this process is the lane */
	unsigned max_restarts; /* of lanes; UINT_MAX: four times their number */
	struct claims *claims; /* those of the run */
	struct report *report;
	struct slots slots; /* of the build that we are a part of */
	struct err failure; /* first error of the report */
	/* what runs now was asked for (SIGUSR1, the key t) */
	unsigned nasked;     /* how often that was seen */
	uint32_t question;   /* 0: none is open */
	uint64_t patient_us; /* until then answers are waited for */
};

/* Show what is new in the journals. */
void rounds_poll(void *ctx);

/* Run until nothing is left, or somebody asks for the end.  The first round has begun
 * (claims_new_round()); view and report are brought up to date with those that follow. */
int rounds_run(struct running *r, struct err *reterr);

#endif
