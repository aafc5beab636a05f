using Haq.Engine.Manifest.Keys;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Running;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>Every key of the manifest is flipped in turn: exactly the stages that it can influence get another key.</summary>
public sealed class ManifestInfluenceTests : IDisposable
{
    // Each stage's dependents, transitively: what is upstream of a stage is in its key.
    private const string FromRead = "calibrate evaluate export finetune hardware measure mend price quantize read reconstruct score search";
    private const string FromCalibrate = "calibrate export finetune measure mend quantize reconstruct score search";
    private const string FromQuantize = "export finetune measure mend quantize reconstruct score search";
    private const string FromPrice = "mend price search";
    private const string FromReconstruct = "export finetune reconstruct";
    private const string FromSearchSet = "export finetune measure mend score search";
    private const string FromFinetune = "export finetune";
    private const string FromMeasure = "measure search";

    // What is said about single values under other settings than the base's.
    private static readonly (string, string)[] s_percentile = [("quantization.ranges", "percentile")], s_auto = [("quantization.ranges", "auto")], s_ddpg = [("search.strategy", "ddpg")],
        s_unopened = [("quantization.rounding", "nearest")], s_sgd = [("finetune.optimizer", "sgd")], s_steps = [("finetune.schedule", "step")],
            s_trained = [("search.evaluate", "finetuned")], s_kmeans =
        [("quantization.weights", "kmeans"), ("budget.latency", ""), ("budget.size", "0.8x"), ("bits.activations", ""), ("finetune", ""), ("quantization.rounding", "nearest")];

    private static readonly Flip[] s_flips =
    [
        new("model", "copy.onnx", ""),
        new("output", "other.onnx", ""),
        new("format", "qonnx", FromRead),
        new("hardware", "bismo-cloud", "hardware mend price search"),
        new("target", "onnxruntime", ""),
        new("target", "tensorrt", Without(FromRead, "reconstruct"), Under: [("layers", ""), ("bits.weights", "[6, 8]")]),
        new("budget.latency", "2x", FromPrice),
        new("budget.energy", "1x", FromPrice, Under: [("hardware", "bitfusion")]),
        new("budget.size", "0.9x", FromPrice),
        new("budget.file-size", "1 MB", FromPrice),
        new("budget.effective-bits", "6 bit", FromPrice),
        new("budget.accuracy-drop", "5 %", "mend search"),
        new("objective", "latency", "search", Under: [("budget.accuracy-drop", "5 %")]),
        new("gate", "warning", ""),
        .. Preprocess("data.preprocess", FromCalibrate + " evaluate"),
        .. Dataset("data.calibration", FromCalibrate),
        .. Dataset("data.search", FromSearchSet),
        .. Dataset("data.evaluation", "evaluate"),
        .. Dataset("data.training", FromFinetune),
        new("inputs", "{image: [1, 1, 8, 8]}", FromRead),
        new("layers", "{head: {weights: 2}, dense: skip}", FromRead),
        new("layers", "{head: {weights: [2, 4]}}", "mend price score search"),
        new("bits.weights", "[4, 8]", "calibrate export finetune measure mend price quantize reconstruct score search"),
        new("bits.activations", "[8]", "calibrate export finetune measure mend price quantize reconstruct score search", Under: [("quantization.smooth", "true")]),
        new("metric", "agreement", "evaluate export finetune measure mend score search"),
        new("metric", "{output: logits}", "evaluate export finetune measure mend score search"),
        new("search.strategy", "auto", "search"),
        new("search.episodes", "7", ""),
        new("search.episodes", "7", "search", s_ddpg),
        new("search.seed", "2", FromCalibrate),
        new("search.evaluate", "finetuned", FromMeasure),
        new("search.evaluate", "surrogate", FromMeasure),
        new("search.sensitivity", "fisher", "score search"),
        new("search.samples", "16", FromSearchSet),
        new("search.candidate-training.epochs", "2", ""),
        new("search.candidate-training.epochs", "2", FromMeasure, s_trained),
        new("search.candidate-training.samples", "8", FromMeasure, s_trained),
        new("search.time-limit", "5 min", "search"),
        new("search.measure", "top 5", ""),
        new("search.explore", "ddpg", ""),
        new("search.explore", "ddpg", "search", [("search.strategy", "auto")]),
        new("search.agent", "agent.bin", "search"),
        new("search.ddpg.warmup", "3", ""),
        .. Under(s_ddpg, "search", ("search.ddpg.warmup", "3"), ("search.ddpg.hidden", "[9, 9]"), ("search.ddpg.actor-learning-rate", "0.5"), ("search.ddpg.critic-learning-rate", "0.5"),
            ("search.ddpg.tau", "0.5"), ("search.ddpg.discount", "0.5"), ("search.ddpg.batch", "9"), ("search.ddpg.memory", "9"), ("search.ddpg.noise", "0.25"),
            ("search.ddpg.noise-decay", "0.5"), ("search.ddpg.reward-scale", "0.5"), ("search.ddpg.moving-average", "0.25"), ("search.ddpg.last-layer-init", "0.5"), ("search.ddpg.population", "4"),
            ("search.ddpg.projection", "knapsack")),
        new("quantization.ranges", "kl", FromQuantize),
        new("quantization.ranges", "auto", FromCalibrate),
        new("quantization.percentile", "99", ""),
        new("quantization.percentile", "99", FromQuantize, s_percentile),
        new("quantization.percentile", "99", FromCalibrate, s_auto),
        new("quantization.per-channel", "false", FromCalibrate),
        new("quantization.fold-batch-norm", "false", FromRead),
        new("quantization.equalize", "true", FromRead),
        new("quantization.simplify", "true", FromRead),
        new("quantization.simplify", "[gelu, transposes]", FromRead),
        new("quantization.simplify", "[transposes, gelu, gelu]", "", [("quantization.simplify", "[gelu, transposes]")]),
        new("quantization.smooth", "false", FromCalibrate),
        new("quantization.bias-correction", "false", FromQuantize),
        new("quantization.rounding", "nearest", FromQuantize),
        new("quantization.rounding", "second-order", FromReconstruct),
        new("quantization.weights", "kmeans", "calibrate export measure mend price quantize score search", [.. s_kmeans[1..]]),
        new("quantization.junctions", "integer", FromRead),
        new("quantization.embeddings", "false", "export finetune measure mend price quantize reconstruct score search"),
        new("quantization.block", "32", Without(FromRead, "finetune"), [("finetune", "")]),
        new("finetune.epochs", "2", FromFinetune),
        new("finetune.epochs", "2", FromFinetune, s_trained),
        new("finetune.optimizer", "sgd", FromFinetune),
        new("finetune.momentum", "0.5", ""),
        new("finetune.momentum", "0.5", FromFinetune, s_sgd),
        new("finetune.weight-decay", "0.5", FromFinetune),
        new("finetune.learning-rate", "0.5", FromFinetune),
        new("finetune.learning-rate", "0.5", FromFinetune + " measure search", s_trained),
        new("finetune.schedule", "constant", FromFinetune),
        new("finetune.step-epochs", "3", ""),
        new("finetune.step-epochs", "3", FromFinetune, s_steps),
        new("finetune.step-factor", "0.5", FromFinetune, s_steps),
        new("finetune.batch", "8", FromFinetune),
        new("finetune.loss", "cross-entropy", FromFinetune),
        new("finetune.quantizer", "pact", FromFinetune),
        new("finetune.batch-norm", "reestimate", FromFinetune),
        new("finetune.gradient-clip", "1", FromFinetune),
        new("finetune.augment.flip", "true", FromFinetune),
        new("finetune.augment.shift", "1", FromFinetune),
    ];

    private readonly TinyProject _project = new();

    public void Dispose() => _project.Dispose();

    [Fact]
    public void Every_key_changes_the_keys_of_exactly_the_stages_that_it_can_influence()
    {
        File.Copy(_project["tiny.onnx"], _project["copy.onnx"]);
        File.WriteAllBytes(_project["agent.bin"], [1]);
        foreach (string kind in (string[])["idx3-ubyte", "idx1-ubyte"]) File.Copy(_project[$"training-{kind}"], _project[$"other-{kind}"]);
        File.WriteAllText(_project["list.txt"], "training-idx3-ubyte\n");
        File.WriteAllText(_project["other.txt"], "other-idx3-ubyte\n");
        var wrong = new List<string>();
        foreach (var flip in s_flips)
        {
            var ground = TinyProject.With(TinyProject.Base, (flip.Under ?? []).Select(u => KeyValuePair.Create(u.Item1, u.Item2)));
            string changed = Changed(Keys(ground), Keys(TinyProject.With(ground, KeyValuePair.Create(flip.Key, flip.Value))));
            string expected = string.Join(' ', flip.Stages.Split(' ').Order(StringComparer.Ordinal));
            if (changed != expected) wrong.Add($"{flip.Key}: {flip.Value}{(flip.Under is { } u ? $" under {string.Join(", ", u)}" : "")} changed '{changed}', not '{expected}'");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void No_key_of_the_manifest_is_left_out_of_these_tests() =>
        Assert.DoesNotContain(Leaves(ManifestKeys.Group, ""), key => !s_flips.Any(f => f.Key == key || f.Key.StartsWith(key + ".", StringComparison.Ordinal)));

    private static IEnumerable<string> Leaves(KeyGroup group, string prefix) =>
        group.Keys.SelectMany(key => key.Group is null ? [prefix + key.Name] : Leaves(key.Group, $"{prefix}{key.Name}."));

    private static IEnumerable<Flip> Preprocess(string prefix, string stages) =>
        Under(null, stages, (prefix + ".scale", "200"), (prefix + ".mean", "0.5"), (prefix + ".std", "2"), (prefix + ".resize", "8"), (prefix + ".crop", "8"), (prefix + ".interpolation", "nearest"),
            (prefix + ".layout", "nchw")).Append(new(prefix + ".color", "bgr", Without(stages, "reconstruct"), s_unopened));

    private static IEnumerable<Flip> Dataset(string set, string stages) =>
    [
        .. Under(null, stages, (set + ".path", "other-idx3-ubyte"), (set + ".labels.array", "y"), (set + ".labels.column", "label"), (set + ".format", "idx"),
            (set + ".samples", "8"), (set + ".dtype", "uint8"), (set + ".shape", "[1, 8, 8]"), (set + ".corrupt", "1 %")),
        new(set + ".labels.path", "other-idx1-ubyte", Without(stages, "reconstruct"), s_unopened),
        new(set + ".labels.offset", "1", Without(stages, "reconstruct"), s_unopened),
        new(set + ".cache", "images", ""),
        new(set + ".shards", "other.txt", stages, [(set + ".path", ""), (set + ".shards", "list.txt")]),
        .. Preprocess(set + ".preprocess", stages),
    ];

    private static IEnumerable<Flip> Under((string, string)[]? ground, string stages, params (string Key, string Value)[] flips) => flips.Select(f => new Flip(f.Key, f.Value, stages, ground));

    private static string Without(string stages, string other) => string.Join(' ', stages.Split(' ').Except(other.Split(' ')));

    private static string Changed(SortedDictionary<string, StageKey> before, SortedDictionary<string, StageKey> after) =>
        string.Join(' ', before.Keys.Union(after.Keys).Where(s => !before.TryGetValue(s, out var b) || !after.TryGetValue(s, out var a) || a != b).Order(StringComparer.Ordinal));

    private SortedDictionary<string, StageKey> Keys(IReadOnlyDictionary<string, string> manifest)
    {
        using var workspace = _project.Open(manifest);
        return TinyProject.KeysOf(workspace);
    }

    private sealed record Flip(string Key, string Value, string Stages, (string, string)[]? Under = null);
}
