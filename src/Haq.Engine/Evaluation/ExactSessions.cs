using Haq.Engine.Onnx;
using Haq.Engine.Runtime;

namespace Haq.Engine.Evaluation;

/// <summary>How networks are run that are compared with each other.</summary>
public static class ExactSessions
{
    /// <summary>The settings of every session that is compared here: one thread, quantization computed as written.</summary>
    public static SessionSettings Settings { get; } = new() { Threads = 1, KeepQuantizationAsWritten = true, Patterns = false };

    /// <summary>The same for networks with the float weights of <paramref name="model"/>; a large one's are held once.</summary>
    public static SessionSettings For(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.IsLarge ? Settings with { Prepacking = false, Arena = false } : Settings;
    }
}
