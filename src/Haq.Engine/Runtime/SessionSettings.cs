using System.Collections.Immutable;
using Microsoft.ML.OnnxRuntime;

namespace Haq.Engine.Runtime;

/// <summary>How ONNX Runtime runs a model. Results are bit-identical from run to run only at a fixed thread count, so it is always pinned.</summary>
public sealed record SessionSettings
{
    /// <summary>Threads inside one operator; 2 by default, or 1 where the machine has a single core.</summary>
    public int Threads { get; init; } = Math.Min(2, Environment.ProcessorCount);

    /// <summary>Idle threads spin for work. Off: it costs the other processes of a shared machine more than it gains, except on very small graphs.</summary>
    public bool Spinning { get; init; }

    /// <summary>How far the graph is rewritten before it runs.</summary>
    public GraphOptimizationLevel Optimization { get; init; } = GraphOptimizationLevel.ORT_ENABLE_ALL;

    /// <summary>Optimizers left out by name, for example <c>ConstantSharing</c>.</summary>
    public ImmutableArray<string> DisabledOptimizers { get; init; } = [];

    /// <summary>
    /// Do not turn QuantizeLinear/DequantizeLinear pairs into integer kernels: they are computed as written, and constant ones are folded to float, which
    /// evaluates a policy exactly and at float speed.
    /// </summary>
    public bool KeepQuantizationAsWritten { get; init; }

    /// <summary>Accuracy level of MatMulNBits made from 4-bit weights: 0 and 1 are exact, 4 (ONNX Runtime's choice) has errors of 4e-3.</summary>
    public int MatMulNBitsAccuracy { get; init; } = 1;

    /// <summary>Copy constant weights into the layout of the kernels that read them. Off, the file's own bytes are read where they are mapped, and there is one copy fewer.</summary>
    public bool Prepacking { get; init; } = true;

    /// <summary>Keep what a run allocated for the next one. Off, results are given back as soon as nothing reads them any more.</summary>
    public bool Arena { get; init; } = true;

    /// <summary>Plan one block for all that a run holds. Off, its pieces are taken one by one from what earlier runs left; the block would stand beside those.</summary>
    public bool Patterns { get; init; } = true;

    /// <summary>Other session configuration entries.</summary>
    public ImmutableDictionary<string, string> Entries { get; init; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>Called with the options before the session is made: registers custom operators.</summary>
    public Action<SessionOptions>? Configure { get; init; }

    /// <summary>Where to write the graph as ONNX Runtime rewrote it; for diagnosis and for reading the types that it found.</summary>
    public string? OptimizedModelPath { get; init; }

    /// <summary>Where ONNX Runtime's profiler writes its file: the start of the path. Null for no profile.</summary>
    public string? ProfilePrefix { get; init; }

    /// <summary>The usual settings.</summary>
    public static SessionSettings Default { get; } = new();

    internal SessionOptions ToOptions(string? externalFolder)
    {
        var options = new SessionOptions
        {
            IntraOpNumThreads = Threads,
            InterOpNumThreads = 1,
            ExecutionMode = ExecutionMode.ORT_SEQUENTIAL,
            GraphOptimizationLevel = Optimization,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            EnableCpuMemArena = Arena,
            EnableMemoryPattern = Arena && Patterns,
        };
        try
        {
            options.AddSessionConfigEntry("session.intra_op.allow_spinning", Spinning ? "1" : "0");
            if (KeepQuantizationAsWritten) options.AddSessionConfigEntry("session.disable_quant_qdq", "1");
            options.AddSessionConfigEntry("session.qdq_matmulnbits_accuracy_level", MatMulNBitsAccuracy.ToString(System.Globalization.CultureInfo.InvariantCulture));
            if (!Prepacking) options.AddSessionConfigEntry("session.disable_prepacking", "1");
            if (DisabledOptimizers.Length > 0) options.AddSessionConfigEntry("optimization.disable_specified_optimizers", string.Join(';', DisabledOptimizers));
            if (externalFolder is not null) options.AddSessionConfigEntry("session.model_external_initializers_file_folder_path", externalFolder);
            foreach (var (key, value) in Entries) options.AddSessionConfigEntry(key, value);
            if (OptimizedModelPath is not null) options.OptimizedModelFilePath = OptimizedModelPath;
            if (ProfilePrefix is not null)
            {
                options.ProfileOutputPathPrefix = ProfilePrefix;
                options.EnableProfiling = true;
            }
            Configure?.Invoke(options);
            return options;
        }
        catch
        {
            options.Dispose();
            throw;
        }
    }
}
