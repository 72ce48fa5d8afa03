#!/usr/bin/env bash
# Makes run records on a GPU node without internet, from the bundle that this script lies in.
set -euo pipefail

usage() {
  cat <<'TEXT'
usage: run_offline.sh [--minutes M] EXPERIMENT... [OPTION...]   records of experiments
       run_offline.sh [--minutes M] notebooks NN...             chapters in the full profile,
                                                                but 06, 09, 10, 11 (see README.md)

  run_offline.sh --minutes 9 'zagreb_*' --framework torch --seed 0 --workers 4

EXPERIMENT and OPTION are those of `python -m fer_utils train`; `--workers N` makes N records at
once. All ends after M minutes. Each record is kept in records/ as it is made, and the tar of them,
$OUT/records.tar or ./records.tar, follows within seconds. A second call skips what is made, and a
stopped run goes on where it was. The weights of runs that may become the package's model (WEIGHTS,
patterns of experiments) lie in weights.tar beside it.

Environment: PYTHON (default python3), COURSE (the clone; default: the folder above the bundle),
OUT, FER2013_DIR, FER_UTILS_CACHE, FER_UTILS_RESULTS, KERAS_BACKEND (default: jax, torch or
tensorflow, the first that Keras can compute with here), WEIGHTS (default: compact_vgg-*-student*).
TEXT
}

minutes=
if [[ ${1:-} == --minutes ]]; then
  minutes=${2:?--minutes needs a number}
  shift 2
fi
case ${1:-} in
  "") usage >&2; exit 2 ;;
  -h | --help) usage; exit 0 ;;
esac

bundle=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tar_file=$(cd "${OUT:-.}" && pwd)/records.tar
course=$(cd "${COURSE:-$bundle/..}" && pwd)
python=${PYTHON:-python3}
[[ -d $course/fer_utils ]] || { echo "error: no clone of the course in $course; set COURSE" >&2; exit 1; }
export FER_UTILS_CACHE=${FER_UTILS_CACHE:-$course/.cache}
export FER_UTILS_RESULTS=${FER_UTILS_RESULTS:-$course/records}
site=$FER_UTILS_CACHE/gpu-site
export PYTHONPATH=$course:$site${PYTHONPATH:+:$PYTHONPATH}

"$python" "$bundle/install_wheels.py" "$bundle/wheels" "$site"

if [[ -z ${KERAS_BACKEND:-} && " $* " == *" --framework torch "* ]]; then
  KERAS_BACKEND=torch # nothing of Keras will run
elif [[ -z ${KERAS_BACKEND:-} ]]; then
  for KERAS_BACKEND in jax torch tensorflow; do # one that is there may still not fit this Keras
    export KERAS_BACKEND
    XLA_PYTHON_CLIENT_PREALLOCATE=false timeout 60 "$python" -c 'import importlib.util, os
assert importlib.util.find_spec(os.environ["KERAS_BACKEND"])
import keras
keras.distribution.list_devices("gpu"); keras.ops.zeros(1)' >/dev/null 2>&1 && break
  done
fi
export KERAS_BACKEND

if [[ -z ${FER2013_DIR:-} && ! -d $FER_UTILS_CACHE/fer2013 ]]; then
  "$python" -m fer_utils data unpack "$bundle"/fer2013.*
fi

records=$FER_UTILS_RESULTS
mkdir -p "$records"
[[ -d $records/data ]] || cp -r "$course/results/data" "$records/"  # chapters read the data card

pack() { # the tar of all records so far, whole or not at all; each process writes a part of its own
  local part=$tar_file.$BASHPID
  (cd "$records" &&
    [[ -n $(find . -mindepth 2 -name '*.json' ! -path './data/*' ! -path '*/.*/*' -print -quit) ]] &&
    tar -cf "$part" --exclude='*/.*' --exclude=data -- */ && mv "$part" "$tar_file")
}

pack_weights() {
  local patterns kept
  read -ra patterns <<<"${WEIGHTS:-compact_vgg-*-student*}"
  (cd "$FER_UTILS_CACHE/weights" 2>/dev/null && shopt -s nullglob && kept=(${patterns[@]}) &&
    ((${#kept[@]})) && tar -cf "${tar_file%/*}/weights.tar" -- "${kept[@]}")
}

child=
(while kill -0 $$ && sleep 5; do pack || true; done) >/dev/null 2>&1 &
packer=$!
at_end() {
  kill "$packer" 2>/dev/null || true
  wait "$packer" 2>/dev/null || true
  rm -f "$tar_file".[0-9]*
  if pack; then
    echo "records: $tar_file"
  else
    echo "no record was finished"
  fi
  if pack_weights; then echo "weights: ${tar_file%/*}/weights.tar"; fi
}
trap at_end EXIT
trap '[[ -z $child ]] || kill -TERM "$child"' TERM INT

limit=() backstop=() left=()
if [[ -n $minutes ]]; then # what setting up took counts too
  seconds=$(awk -v minutes="$minutes" -v gone="$SECONDS" \
    'BEGIN { left = int(60 * minutes) - gone; print (left > 1 ? left : 1) }')
  limit=(timeout --kill-after=20 "$seconds")
  backstop=(timeout --kill-after=5 "$((seconds + 30))") # should the command not heed its own limit
  left=(--minutes "$(awk -v seconds="$seconds" 'BEGIN { print seconds / 60 }')")
fi

if [[ $1 == notebooks ]]; then
  shift
  (($#)) || { echo "error: notebooks needs numbers of chapters, such as 02" >&2; exit 2; }
  only=()
  for chapter in "$@"; do only+=(--only "$chapter"); done
  "${limit[@]}" "$python" -m fer_utils run --profile full "${only[@]}" &
else
  "${backstop[@]}" "$python" -m fer_utils train "$@" "${left[@]}" &
fi
child=$!
code=0
wait "$child" || code=$?
if kill -0 "$child" 2>/dev/null; then # a signal ended the first wait: let the run end in order
  code=0
  wait "$child" || code=$?
fi
((code == 124)) && code=3 # as `train` says that the time was up
exit "$code"
