#include "issue/signers.h"

#include <pthread.h>
#include <string.h>
#include <sys/resource.h>

#include "base/log.h"
#include "wire/seal.h"

#define SIGNER_NICE 10
#define WORTH	    4 /* a COMMIT is worth while for this part of what is in flight */

struct signers {
	const struct key *key;
	void (*ring)(void *context);
	void *context;
	pthread_mutex_t lock;
	pthread_cond_t has_work, has_result;
	struct slot *first, **last;
	size_t backlog; /* put and not yet done */
	size_t ring_at; /* the backlog at which the issuer is rung */
	bool is_ending;
	int thread_count;
	pthread_t threads[16];
};

/* The signature goes into the place that invoice_xml left for it; everything behind it moves up. */
static int splice(struct slot *slot, const struct bytes *signature)
{
	size_t tail = slot->xml.len - slot->seal_at;
	if (!bytes_reserve(&slot->xml, signature->len))
		return FAULT_MEMORY;
	uint8_t *at = slot->xml.data + slot->seal_at;
	memmove(at + signature->len, at, tail + 1);
	memcpy(at, signature->data, signature->len);
	slot->xml.len += signature->len;
	return 0;
}

static int seal_slot(const struct key *key, struct slot *slot, struct fault *fault)
{
	struct seal_input input = {
		.data_id = slot->signature_id + strlen("NBan-"),
		.data_digest = slot->data_digest,
		.signature_id = slot->signature_id,
		.signed_at = slot->signed_at,
		.subject = key->certificate.subject,
		.certificate = key->certificate.der.data,
		.certificate_len = key->certificate.der.len,
	};
	uint8_t digest[1][DIGEST_LEN], sig[1][KEY_SIGNATURE_MAX];
	size_t len = 0;
	if (seal_prepare(&input, digest[0], fault) < 0)
		return FAULT_MEMORY;
	int result = key->ops->sign(key->state, (const uint8_t(*)[32])digest, 1, sig, &len, fault);
	if (result)
		return result;
	CLEANUP(bytes_done) struct bytes signature;
	bytes_init(&signature, 64 << 10);
	if (seal_finish(&input, sig[0], len, &signature, fault) < 0)
		return FAULT_MEMORY;
	return splice(slot, &signature);
}

static void sign_one(const struct key *key, struct slot *slot)
{
	struct fault fault = {0};
	slot->is_signed = key_is_open(key) && seal_slot(key, slot, &fault) == 0;
	if (!slot->is_signed)
		log_event(LOG_LEVEL_WARNING, "invoice-unsigned", "reason=\"%s\"",
			fault.code ? fault.text : key_sentence(key));
}

/* The next slot to sign, or NULL when the pool ends. Called with the lock held. */
static struct slot *next_slot(struct signers *signers)
{
	while (!signers->first && !signers->is_ending)
		pthread_cond_wait(&signers->has_work, &signers->lock);
	struct slot *slot = signers->first;
	if (!slot)
		return NULL;
	signers->first = slot->next;
	if (!signers->first)
		signers->last = &signers->first;
	return slot;
}

static void *signer_main(void *context)
{
	struct signers *signers = context;
	struct slot *slot;
	pthread_setname_np(pthread_self(), "signer");
	/* Signatures are most of the work, and who commits and answers must not wait for a slice of it. */
	setpriority(PRIO_PROCESS, (id_t)gettid(), SIGNER_NICE);
	pthread_mutex_lock(&signers->lock);
	while ((slot = next_slot(signers))) {
		pthread_mutex_unlock(&signers->lock);
		sign_one(signers->key, slot);
		pthread_mutex_lock(&signers->lock);
		slot->is_sealing = false;
		signers->backlog--;
		pthread_cond_broadcast(&signers->has_result);
		if (signers->backlog == signers->ring_at)
			signers->ring(signers->context);
	}
	pthread_mutex_unlock(&signers->lock);
	return NULL;
}

struct signers *signers_new(const struct key *key, int threads, void (*ring)(void *context), void *context)
{
	struct signers *signers = calloc(1, sizeof(*signers));
	if (!signers)
		return NULL;
	signers->key = key;
	signers->ring = ring;
	signers->context = context;
	signers->last = &signers->first;
	pthread_mutex_init(&signers->lock, NULL);
	pthread_cond_init(&signers->has_work, NULL);
	pthread_cond_init(&signers->has_result, NULL);
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	int wanted = !key->ops->is_parallel ? 1 : threads ? threads : (int)cores;
	int most = (int)ARRAY_LEN(signers->threads);
	for (int i = 0; i < wanted && i < most; i++)
		if (!pthread_create(&signers->threads[signers->thread_count], NULL, signer_main, signers))
			signers->thread_count++;
	if (!signers->thread_count) {
		signers_free(signers);
		return NULL;
	}
	return signers;
}

void signers_free(struct signers *signers)
{
	if (!signers)
		return;
	pthread_mutex_lock(&signers->lock);
	signers->is_ending = true;
	pthread_cond_broadcast(&signers->has_work);
	pthread_mutex_unlock(&signers->lock);
	for (int i = 0; i < signers->thread_count; i++)
		pthread_join(signers->threads[i], NULL);
	pthread_cond_destroy(&signers->has_work);
	pthread_cond_destroy(&signers->has_result);
	pthread_mutex_destroy(&signers->lock);
	free(signers);
}

void signers_put(struct signers *signers, struct slot *slot, int64_t signed_at)
{
	slot->signed_at = signed_at;
	slot->next = NULL;
	pthread_mutex_lock(&signers->lock);
	slot->is_sealing = true;
	*signers->last = slot;
	signers->last = &slot->next;
	signers->backlog++;
	pthread_cond_signal(&signers->has_work);
	pthread_mutex_unlock(&signers->lock);
}

size_t signers_ready(struct signers *signers, struct slot *const *slots, size_t n)
{
	size_t first = 0, done = 0;
	size_t worth = signers->key->ops->is_parallel ? (n + WORTH - 1) / WORTH : 1;
	pthread_mutex_lock(&signers->lock);
	while (first < n && !slots[first]->is_sealing)
		first++;
	for (size_t i = first; i < n; i++)
		done += !slots[i]->is_sealing;
	if (first < n && (!first || first + done < worth)) {
		size_t missing = first + done < worth ? worth - first - done : 1;
		signers->ring_at = signers->backlog - missing;
		first = 0;
	}
	pthread_mutex_unlock(&signers->lock);
	return first;
}

void signers_wait(struct signers *signers, struct slot *const *slots, size_t n)
{
	pthread_mutex_lock(&signers->lock);
	for (size_t i = 0; i < n; i++)
		while (slots[i]->is_sealing)
			pthread_cond_wait(&signers->has_result, &signers->lock);
	pthread_mutex_unlock(&signers->lock);
}
