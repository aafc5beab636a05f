using Google.Protobuf;
using Haq.Engine.Diagnostics;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>Writes models: to temporary files beside the target, then renamed, data before the model that needs it.</summary>
internal static class ModelWriter
{
    // ONNX asks that offsets be multiples of the page size, so that readers can map the file.
    private const int Alignment = 4096;

    public static void Save(OnnxModel model, string path, ModelSaveOptions options)
    {
        string temporary = path + ".tmp", dataPath = path + ModelSaveOptions.DataSuffix, temporaryData = dataPath + ".tmp";
        try
        {
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder) Directory.CreateDirectory(folder);
            var proto = model.Proto;
            bool split = options.ExternalData || InlineBytes(model) > options.MaxFileBytes;
            bool external = split || model.Tensors().Any(ExternalData.Holds);
            if (external) proto = WriteData(model, temporaryData, Path.GetFileName(dataPath), split ? options.MinExternalBytes : null);
            using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16)) proto.WriteTo(file);
            GC.KeepAlive(model);
            if (external) File.Move(temporaryData, dataPath, overwrite: true);
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw DiagnosticCatalog.ModelNotWritten.Error(path, $"cannot be written: {e.Message.TrimEnd('.')}. Free some space or choose another output.", e);
        }
        finally
        {
            Discard(temporary);
            Discard(temporaryData);
        }
    }

    // CalculateSize is an int and wraps: what makes a model large is its tensors.
    public static long InlineBytes(OnnxModel model) =>
        model.Tensors().Where(t => !ExternalData.Holds(t)).Sum(t => TensorData.ByteLength(t) ?? t.StringData.Sum(s => (long)s.Length)) + model.Proto.Graph.Node.Count * 64L;

    /// <summary>Streams tensors to a data file and returns a copy of the model that points there. Bytes of the original are shared, not copied.</summary>
    public static ModelProto WriteData(OnnxModel model, string path, string location, int? minInlineBytes, IReadOnlyDictionary<string, Func<byte[]>>? later = null)
    {
        var proto = model.Proto.Clone();
        using var data = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16);
        foreach (var tensor in TensorWalk.Of(proto))
        {
            bool wasExternal = ExternalData.Holds(tensor);
            if (TensorData.ByteLength(tensor) is not { } length || (!wasExternal && !(length >= minInlineBytes))) continue;
            long offset = (data.Position + Alignment - 1) / Alignment * Alignment;
            data.SetLength(offset);
            data.Position = offset;
            if (later is not null && later.TryGetValue(tensor.Name, out var bytes)) data.Write(bytes());
            else if (wasExternal) model.External.Stream(tensor, piece => data.Write(piece.Span));
            else data.Write(TensorData.Bytes(tensor).Span);
            ExternalData.Point(tensor, location, offset, length);
        }
        GC.KeepAlive(model);
        return proto;
    }

    private static void Discard(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The error that led here says more than a leftover temporary file would.
        }
    }
}
