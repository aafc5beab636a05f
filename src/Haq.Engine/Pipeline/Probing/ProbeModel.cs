using Haq.Engine.Onnx;

namespace Haq.Engine.Pipeline.Probing;

/// <summary>A part of a network as a model of its own, or why it cannot be one.</summary>
/// <param name="Model">The model; null where there is none.</param>
/// <param name="Reason">Why there is none.</param>
internal sealed record ProbeModel(OnnxModel? Model, string? Reason)
{
    /// <summary>No model.</summary>
    public static ProbeModel Missing(string reason) => new(null, reason);
}
