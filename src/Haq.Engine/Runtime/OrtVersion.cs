using Microsoft.ML.OnnxRuntime;

namespace Haq.Engine.Runtime;

/// <summary>The ONNX Runtime that is loaded.</summary>
public static class OrtVersion
{
    /// <summary>For example <c>1.31.1</c>.</summary>
    public static string Text { get; } = OrtEnv.Instance().GetVersionString();
}
