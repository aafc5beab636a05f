using Haq.Engine.Onnx;

namespace Haq.Benchmarks.Rewrites;

/// <summary>A network as exporters write it, and as it could be written.</summary>
/// <param name="Name">The rewriting.</param>
/// <param name="Before">As exporters write it.</param>
/// <param name="After">As it could be.</param>
internal sealed record RewriteExample(string Name, OnnxModel Before, OnnxModel After);
