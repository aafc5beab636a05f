using System.Text.Json;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Runtime;

/// <summary>
/// A model under ONNX Runtime's own profiler. Runs of several such sessions may alternate, so that what disturbs the machine disturbs all of them; <see cref="Finish"/> gives the time of each node.
/// </summary>
public sealed class ProfiledSession : IDisposable
{
    private const string Suffix = "_kernel_time";

    private readonly string _folder;
    private readonly string _name;
    private readonly OrtSession _session;
    private int _warmUp;
    private int _runs;

    /// <summary>Prepares the model.</summary>
    /// <exception cref="HaqException">ONNX Runtime refuses it (HAQ0310).</exception>
    public ProfiledSession(OnnxModel model, SessionSettings settings)
    {
        ArgumentNullException.ThrowIfNull(model);
        _name = model.Name;
        _folder = Directory.CreateTempSubdirectory("haq-profile-").FullName;
        try
        {
            _session = new OrtSession(model, settings with { ProfilePrefix = Path.Combine(_folder, "profile"), OptimizedModelPath = Path.Combine(_folder, "optimized.onnx") });
        }
        catch
        {
            Directory.Delete(_folder, recursive: true);
            throw;
        }
    }

    /// <summary>Runs once; a run that only warms up does not count.</summary>
    /// <exception cref="HaqException">ONNX Runtime fails (HAQ0311).</exception>
    public void Run(IReadOnlyDictionary<string, OrtTensor> inputs, bool warmUp = false)
    {
        foreach (var output in _session.Run(inputs)) output.Dispose();
        if (warmUp && _runs == 0) _warmUp++;
        else _runs++;
    }

    /// <summary>Ends profiling.</summary>
    /// <returns>The nodes of the main graph in the order that they ran, with their times, and the graph as ONNX Runtime rewrote it.</returns>
    public NodeProfile Finish()
    {
        string file = _session.EndProfiling();
        var graph = ModelProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(_folder, "optimized.onnx"))).Graph;
        var durations = Read(file);
        var nodes = new List<NodeTime>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var missing = new List<string>();
        foreach (var node in graph.Node)
        {
            if (node.OpType == OpNames.Constant || !seen.Add(node.Name)) continue;
            if (!durations.TryGetValue(node.Name, out var times) || times.Count <= _warmUp)
            {
                missing.Add($"{node.OpType} '{node.Name}'");
                continue;
            }
            double[] sorted = [.. times.Skip(times.Count * _warmUp / (_warmUp + _runs)).Order()];
            nodes.Add(new NodeTime(node.Name, node.OpType, sorted[sorted.Length / 4]));
        }
        return new NodeProfile([.. nodes], graph) { Missing = [.. missing] };
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static Dictionary<string, List<double>> Read(string file)
    {
        var durations = new Dictionary<string, List<double>>(StringComparer.Ordinal);
        using var stream = File.OpenRead(file);
        using var document = JsonDocument.Parse(stream);
        foreach (var entry in document.RootElement.EnumerateArray())
        {
            if (!entry.TryGetProperty("cat", out var category) || category.GetString() != "Node") continue;
            if (entry.GetProperty("name").GetString() is not { } name || !name.EndsWith(Suffix, StringComparison.Ordinal)) continue;
            string node = name[..^Suffix.Length];
            if (!durations.TryGetValue(node, out var list)) durations[node] = list = [];
            list.Add(entry.GetProperty("dur").GetDouble() * 1e-6);
        }
        return durations;
    }
}
