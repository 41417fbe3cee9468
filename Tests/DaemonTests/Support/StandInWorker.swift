import Foundation

/// A shell script that speaks a worker's protocol on descriptor 3 and behaves as its data tells it.
///
/// Only tests use it. How a run goes is read from files in the run folder's grandparent,
/// `STATE/play`: one word for each behaviour.
enum StandInWorker {
    /// Writes the script and gives its path.
    static func install(in folder: String) throws -> String {
        let path = "\(folder)/distill-worker"
        try script.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    private static let script = #"""
        #!/bin/sh
        # A stand-in for distill-worker.
        here=$(dirname "$0")
        IFS= read -r line <&3 || exit 2
        say() { printf '%s\n' "$1" >&3; }
        field() { printf '%s' "$line" | sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p'; }
        plays() { [ -e "$here/play-$1" ]; }
        summary() {
            printf '{"name":"%s","kind":"network","architecture":"residual-small","modality":"depth"' "$1"
            printf ',"input_size":64,"classes":["a","b"],"parameters":10,"flops":20,"digest":"d1"'
            printf ',"metrics":{"accuracy":0.75}}'
        }
        model() {
            mkdir -p "$1"
            printf '{"format":1,"name":"worker"}' >"$1/model.json"
            printf 'weights' >"$1/weights.safetensors"
        }
        printf '%s\n' "$line" >>"$here/assignments-$1"
        env >"$here/environment"
        say '{"ready":{}}'
        case $1 in
        survey)
            say '{"finished":{"_0":{"pairs":1,"modalities":[],"aspects_differ":false,"findings":[]}}}'
            ;;
        inspect)
            if plays stall; then exec sleep 60; fi
            printf '%s' "$line" | grep -o '"id":[0-9]*,"modality":"[a-z]*","path":"[^"]*"' |
                sed 's/"id":\([0-9]*\),"modality":"\([a-z]*\)","path":"\([^"]*\)"/\1 \2 \3/' |
                while read -r id modality path; do
                    case $path in
                    *killer*) kill -9 0 ;;
                    *poison*) case $line in *'"full":true'*) kill -9 0 ;; esac ;;
                    esac
                    case $path in
                    *absent*)
                        # Gone between its listing and its inspection.
                        if plays absent; then rm -f "$(field root)/$path"; fi
                        say '{"sampleFailed":{"_0":{"sample":'$id',"modality":"'$modality'","code":"file.unreadable","reason":"it cannot be read"}}}'
                        ;;
                    *shifty*)
                        # Never the size that the scan saw.
                        say '{"inspected":{"_0":{"id":'$id',"modality":"'$modality'","digest":"d'$id'","bytes":5,"width":4,"height":4,"channels":1,"bitDepth":16,"warnings":[]}}}'
                        ;;
                    *broken*)
                        say '{"sampleFailed":{"_0":{"sample":'$id',"modality":"'$modality'","code":"file.truncated","reason":"ends early"}}}'
                        ;;
                    *)
                        say '{"inspected":{"_0":{"id":'$id',"modality":"'$modality'","digest":"d'$id'","bytes":4,"width":4,"height":4,"channels":1,"bitDepth":16,"warnings":[]}}}'
                        ;;
                    esac
                done
            say '{"finished":{"_0":{}}}'
            ;;
        train)
            run=$(field runFolder)
            echo "output of the worker"
            say '{"phase":{"_0":"training"}}'
            say '{"log":{"level":"info","message":"a line"}}'
            say '{"progress":{"_0":{"step":1,"steps":2,"epoch":1,"epochs":1,"samplesPerSecond":5,"secondsLeft":1,"learningRate":0.1,"losses":{"total":2.5}}}}'
            if plays fail; then
                say '{"failed":{"_0":{"code":"recipe.wrong","message":"that cannot be","retryable":false,"pause":false}}}'
                exit 1
            fi
            if plays full; then
                say '{"failed":{"_0":{"code":"disk.full","message":"no space","hint":"free some","retryable":true,"pause":true}}}'
                exit 1
            fi
            if plays unreadable; then
                # A file that cannot be read, of a data set that has gone where `away` is played too.
                root=$(field root)
                if plays away; then mv "$root" "$root.away"; fi
                id=$(sed -n '1s/.*"id":\([0-9]*\).*/\1/p' "$run/samples.jsonl")
                say '{"sampleFailed":{"_0":{"sample":'$id',"modality":"rgb","code":"file.unreadable","reason":"it cannot be read"}}}'
                say '{"progress":{"_0":{"step":2,"steps":2,"epoch":1,"epochs":1,"samplesPerSecond":5,"secondsLeft":1,"learningRate":0.1,"losses":{"total":2.5}}}}'
            fi
            if plays garble; then say 'nonsense'; sleep 60; fi
            if grep -q poison "$run/samples.jsonl"; then
                # The page on which a worker notes what it is decoding: 64-bit numbers, low byte first.
                id=$(sed -n 's/.*poison.*"id":\([0-9]*\).*/\1/p' "$run/samples.jsonl")
                printf "\\$(printf %03o "$id")\\0\\0\\0\\0\\0\\0\\0" >"$run/decoding"
                kill -9 $$
            fi
            if plays hang; then exec sleep 60; fi
            if plays crash && [ ! -e "$run/crashed" ]; then
                : >"$run/crashed"
                kill -9 $$
            fi
            mkdir -p "$run/checkpoints"
            printf '{"loss":1}\n{"loss":2}\n{"loss":3}\n' >"$run/metrics.jsonl"
            if plays wait; then
                # Until told to stop: then a checkpoint, as a worker does.
                IFS= read -r command <&3 || exit 70
                printf 'state' >"$run/checkpoints/1"
                say '{"checkpoint":{"_0":{"step":1,"path":"'$run/checkpoints/1'","sha256":"abc"}}}'
                say '{"stopped":{}}'
                exit 0
            fi
            model "$run/model"
            printf 'onnx' >"$run/student.onnx"
            say '{"metrics":{"_0":{"student.accuracy":0.75}}}'
            say '{"finished":{"_0":{"model":'"$(summary worker)"'}}}'
            ;;
        import)
            destination=$(field destination)
            if [ "$(head -c 4 "$(field file)")" = bad! ]; then
                say '{"failed":{"_0":{"code":"import.not_a_model","message":"that is no model","retryable":false,"pause":false}}}'
                exit 1
            fi
            model "$destination"
            cp "$(field file)" "$destination/model.onnx"
            printf '{"layers":[{"name":"a","operation":"Relu","shape":[1,2],"parameters":0' \
                >"$destination/layers.json"
            printf ',"multiply_adds":3,"taps":["layer1"]}]}' >>"$destination/layers.json"
            say '{"finished":{"_0":{"model":'"$(summary worker)"'}}}'
            ;;
        plan)
            say '{"finished":{"_0":{"layers":3}}}'
            ;;
        evaluate)
            say '{"finished":{"_0":{"metrics":{"accuracy":0.5,"kappa":null},"confusion":[[1]]}}}'
            ;;
        esac
        exit 0
        """#
}
