using Haq.Engine.Diagnostics;
using Onnx;

namespace Haq.Engine.Onnx;

/// <summary>Models whose constants are in a file, so that those of gigabytes need not be in memory.</summary>
internal static class OutsourcedModel
{
    /// <summary>A constant whose elements are only written into the file.</summary>
    public static TensorProto Placeholder(string name, long[] dims)
    {
        var tensor = new TensorProto { Name = name, DataType = (int)DataType.Float };
        tensor.Dims.AddRange(dims);
        ExternalData.Point(tensor, ProcessFolder.FileName, 0, TensorData.ByteLength(tensor)!.Value);
        return tensor;
    }

    /// <summary>Writes the constants of <paramref name="model"/> into a file, one after the other, which goes with the <see cref="OnnxModel.Storage"/> of the model returned.</summary>
    /// <param name="model">Not changed.</param>
    /// <param name="later">The bytes of placeholders, by name; each is asked for once.</param>
    /// <exception cref="HaqException">The file cannot be written (HAQ0309).</exception>
    public static OnnxModel Write(OnnxModel model, IReadOnlyDictionary<string, Func<byte[]>> later)
    {
        ProcessFolder? folder = null;
        bool isWritten = false;
        try
        {
            folder = ProcessFolder.Create();
            string path = Path.Combine(folder.Path, ProcessFolder.FileName);
            var proto = ModelWriter.WriteData(model, path, ProcessFolder.FileName, ModelSaveOptions.Default.MinExternalBytes, later);
            isWritten = true;
            return new OnnxModel(proto, model.Name, folder.Path) { Storage = folder };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DiagnosticCatalog.ModelNotWritten.Error(
                folder?.Path ?? Path.GetTempPath(), $"cannot be written: {e.Message.TrimEnd('.')}. The constants of a network of more than a gigabyte are put there while it is quantized: free some space, or let TMPDIR name another folder.", e);
        }
        finally
        {
            if (!isWritten) folder?.Dispose();
        }
    }
}
