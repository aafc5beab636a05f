using Haq.Engine.Onnx;

namespace Haq.Engine.Pipeline.Results;

/// <summary>An exported model.</summary>
/// <param name="Runnable">The form of it that ONNX Runtime runs, which computes the same.</param>
/// <param name="Path">Its file.</param>
/// <param name="Digest">SHA-256 of the file; with external data, of both.</param>
internal sealed record Exported(OnnxModel Runnable, string Path, string Digest);
