using System.Buffers.Binary;
using Haq.Engine.Data;
using Haq.Engine.Graphs;
using Haq.Engine.Pipeline;
using Haq.Engine.Pipeline.Running;
using Haq.Engine.Runtime;
using Haq.Engine.Tests.Training;

namespace Haq.Engine.Tests.Pipeline;

/// <summary>A folder with a network that is built in a second, data for it, and a manifest made of keys.</summary>
internal sealed class TinyProject : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>Every set has files of its own, and every stage has something to do.</summary>
    public static readonly IReadOnlyDictionary<string, string> Base = new Dictionary<string, string>
    {
        ["model"] = "tiny.onnx",
        ["hardware"] = "bismo-edge",
        ["budget.latency"] = "1x",
        ["bits.weights"] = "[2, 4, 8]",
        ["bits.activations"] = "[4, 8]",
        ["data.preprocess.scale"] = "255",
        ["data.calibration.path"] = "calibration-idx3-ubyte",
        ["data.search.path"] = "search-idx3-ubyte",
        ["data.search.labels.path"] = "search-idx1-ubyte",
        ["data.evaluation.path"] = "evaluation-idx3-ubyte",
        ["data.evaluation.labels.path"] = "evaluation-idx1-ubyte",
        ["data.training.path"] = "training-idx3-ubyte",
        ["data.training.labels.path"] = "training-idx1-ubyte",
        ["layers.head.weights"] = "2",
        ["search.samples"] = "24",
        ["search.strategy"] = "knapsack",
        ["quantization.rounding"] = "block",
        ["finetune.epochs"] = "1",
        ["finetune.batch"] = "16",
    };

    public TinyProject()
    {
        TinyNetwork.Model().Save(_folder["tiny.onnx"]);
        foreach (var (name, count) in new[] { ("calibration", 32), ("search", 48), ("evaluation", 40), ("training", 64) }) Write(name, count);
    }

    public string this[string file] => _folder[file];

    public void Dispose() => _folder.Dispose();

    /// <summary>Opens a manifest of these keys, dots between groups.</summary>
    public Workspace Open(IReadOnlyDictionary<string, string> keys, string cache = "cache", Func<PipelineOptions, PipelineOptions>? ask = null)
    {
        File.WriteAllText(_folder["haq.yaml"], Text(keys));
        var options = new PipelineOptions(_folder["haq.yaml"], new StageCache(_folder[cache]));
        return Workspace.Open(ask?.Invoke(options) ?? options, null, CancellationToken.None);
    }

    /// <summary>These keys with others set, or taken out where the value is empty.</summary>
    public static Dictionary<string, string> With(IReadOnlyDictionary<string, string> keys, params IEnumerable<KeyValuePair<string, string>> set)
    {
        var changed = new Dictionary<string, string>(keys);
        foreach (var (key, value) in set)
        {
            // A mapping in place of a value, and the other way round.
            foreach (string nested in changed.Keys.Where(k => k.StartsWith(key + ".", StringComparison.Ordinal) || key.StartsWith(k + ".", StringComparison.Ordinal)).ToArray()) changed.Remove(nested);
            if (value.Length > 0) changed[key] = value;
            else changed.Remove(key);
        }
        return changed;
    }

    /// <summary>The key of every stage, by its name.</summary>
    public static SortedDictionary<string, StageKey> KeysOf(Workspace workspace)
    {
        var stages = workspace.Stages;
        var policy = stages.Pricing.Value.Space.Uniform(new(2, 4));
        var start = stages.Calibrated(policy);
        var quantized = stages.Quantized(policy);
        var keys = new SortedDictionary<string, StageKey>(StringComparer.Ordinal)
        {
            ["read"] = stages.Model.Key, ["hardware"] = stages.Target.Key, ["price"] = stages.Pricing.Key, ["calibrate"] = stages.Calibration.Key, ["quantize"] = start.Key,
            ["measure"] = stages.Candidates.Key, ["score"] = stages.Scores.Key, ["search"] = stages.Searched(stages.Strategy, null).Key, ["evaluate"] = stages.ReportedSet.Key,
            ["mend"] = stages.Mended(policy, null).Key,
        };
        if (stages.Reconstructed(start) is { } learned) keys["reconstruct"] = learned.Key;
        if (stages.Finetuned(quantized) is { } tuned) keys["finetune"] = tuned.Key;
        keys["export"] = stages.Exported(QuantizationPipeline.Final(quantized, stages.Finetuned(quantized)), "m.onnx").Key;
        return keys;
    }

    private static string Text(IReadOnlyDictionary<string, string> keys) =>
        string.Concat(keys.GroupBy(k => k.Key.Split('.')[0]).Select(g => $"{g.Key}: {Value(g.Select(k => (k.Key.Split('.')[1..], k.Value)))}\n"));

    private static string Value(IEnumerable<(string[] Path, string Value)> entries)
    {
        var all = entries.ToArray();
        if (all is [{ Path.Length: 0 } only]) return only.Value;
        return $"{{{string.Join(", ", all.GroupBy(e => e.Path[0]).Select(g => $"{g.Key}: {Value(g.Select(e => (e.Path[1..], e.Value)))}"))}}}";
    }

    private void Write(string name, int count)
    {
        using var images = TinyNetwork.Images(count, name);
        using var batch = new Batch(images, count);
        batch.Fill(images, Enumerable.Range(0, count).ToArray());
        byte[] pixels = [.. batch.ByName["image"].ToFloats().Select(v => (byte)Math.Clamp(v * 255, 0, 255))];
        byte[] header = [0, 0, 8, 3, .. Extent(count), .. Extent(TinyNetwork.Side), .. Extent(TinyNetwork.Side)];
        File.WriteAllBytes(_folder[$"{name}-idx3-ubyte"], [.. header, .. pixels]);
        File.WriteAllBytes(_folder[$"{name}-idx1-ubyte"], [0, 0, 8, 1, .. Extent(count), .. Enumerable.Range(0, count).Select(i => (byte)images.LabelOf(i))]);
    }

    private static byte[] Extent(int value)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return bytes;
    }
}
