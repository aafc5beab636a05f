using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Runtime;

/// <summary>
/// A model under ONNX Runtime's own profiler. Runs of several such sessions may alternate, so that what disturbs the machine disturbs all of them; <see cref="Finish"/> gives the time of each node.
/// </summary>
public sealed class ProfiledSession : IDisposable
{
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
        using var stream = File.OpenRead(file);
        return ProfileReading.Of(stream, graph, _warmUp, _runs);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
