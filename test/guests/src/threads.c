/* Threads: mutex, condition variable, atomics, thread-local storage, join. Prints totals that any interleaving gives. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

enum { workers = 4, rounds = 2000, items = 500 };

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static long guarded;
static atomic_long counted;
static __thread long own;
static int queue[8], head, tail, finished;

static void *count(void *argument) {
  for (int i = 0; i < rounds; i++) {
    pthread_mutex_lock(&lock);
    guarded += (long)argument;
    pthread_mutex_unlock(&lock);
    atomic_fetch_add(&counted, 1);
    own++;
  }
  return (void *)own;
}

static void *produce(void *unused) {
  (void)unused;
  for (int item = 1; item <= items; item++) {
    pthread_mutex_lock(&lock);
    while (tail - head == 8) pthread_cond_wait(&changed, &lock);
    queue[tail++ % 8] = item;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
  }
  pthread_mutex_lock(&lock);
  finished = 1;
  pthread_cond_broadcast(&changed);
  pthread_mutex_unlock(&lock);
  return NULL;
}

static void *consume(void *unused) {
  (void)unused;
  long sum = 0;
  for (;;) {
    pthread_mutex_lock(&lock);
    while (head == tail && !finished) pthread_cond_wait(&changed, &lock);
    if (head == tail) {
      pthread_mutex_unlock(&lock);
      return (void *)sum;
    }
    sum += queue[head++ % 8];
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
  }
}

int main(void) {
  pthread_t threads[workers];
  long own_total = 0;
  for (long i = 0; i < workers; i++) pthread_create(&threads[i], NULL, count, (void *)(i + 1));
  for (int i = 0; i < workers; i++) {
    void *result;
    pthread_join(threads[i], &result);
    own_total += (long)result;
  }
  printf("guarded %ld, counted %ld, thread-local %ld\n", guarded, atomic_load(&counted), own_total);

  pthread_t producer, consumers[2];
  pthread_create(&producer, NULL, produce, NULL);
  for (int i = 0; i < 2; i++) pthread_create(&consumers[i], NULL, consume, NULL);
  long sum = 0;
  pthread_join(producer, NULL);
  for (int i = 0; i < 2; i++) {
    void *result;
    pthread_join(consumers[i], &result);
    sum += (long)result;
  }
  printf("consumed %ld\n", sum);
  return 0;
}
