using Haq.Engine.Onnx;
using Onnx;

namespace Haq.Engine.Runtime;

/// <summary>What ONNX Runtime makes of a model before it runs it.</summary>
internal static class OptimizedGraph
{
    /// <summary>The graph after the session's own rewritings; nodes that were not touched keep their names.</summary>
    public static GraphProto Of(OnnxModel model, SessionSettings? settings = null)
    {
        string path = Path.Combine(Path.GetTempPath(), $"haq-{Guid.NewGuid():n}.optimized.onnx");
        try
        {
            new OrtSession(model, (settings ?? SessionSettings.Default) with { OptimizedModelPath = path }).Dispose();
            using var file = File.OpenRead(path);
            return ModelProto.Parser.ParseFrom(file).Graph;
        }
        finally
        {
            File.Delete(path);
        }
    }
}
