using System.Collections.Immutable;
using Haq.Engine.Diagnostics;
using Haq.Engine.Onnx;
using Microsoft.ML.OnnxRuntime;
using Onnx;

namespace Haq.Engine.Runtime;

/// <summary>A model that ONNX Runtime has prepared. Runs may be concurrent; each <see cref="OrtBinding"/> belongs to one thread at a time.</summary>
public sealed class OrtSession : IDisposable
{
    private static readonly Lazy<bool> s_givesBack = new(() =>
    {
        NativeRoom.GiveBack();
        return true;
    });

    private readonly InferenceSession _session;
    private readonly string _name;
    private readonly TemporaryModel? _file;

    /// <summary>Prepares a model. Outputs of types that its interface cannot hand over are left out.</summary>
    /// <exception cref="HaqException">ONNX Runtime refuses it (HAQ0310).</exception>
    public OrtSession(OnnxModel model, SessionSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        _name = model.Name;
        model = ReadableOutputs.Of(model);
        // What ONNX Runtime writes of a model that refers to files refers to them, too.
        var message = settings?.OptimizedModelPath is null ? MappedConstants.Refer(model) : null;
        _file = message is null && model.IsTooLargeForOneMessage ? TemporaryModel.Save(model) : null;
        try
        {
            string? folder = message?.Folder ?? (_file is null ? model.External.Folder : null);
            _session = Open(model.Name, model.Graph, settings, folder, options =>
                _file is null ? new InferenceSession(message?.Bytes ?? model.ToBytes(), options) : new InferenceSession(_file.Path, options));
            GC.KeepAlive(message);
            (Inputs, Outputs) = Describe(_session);
        }
        catch
        {
            _session?.Dispose();
            _file?.Dispose();
            throw;
        }
    }

    /// <summary>Prepares a serialized model; <paramref name="folder"/> is where its external data is where it refers to no files of ours.</summary>
    /// <exception cref="HaqException">ONNX Runtime refuses it (HAQ0310).</exception>
    internal OrtSession(ReferringMessage model, string name, SessionSettings? settings, string? folder) : this(model.Bytes, name, settings, model.Folder ?? folder) => GC.KeepAlive(model);

    /// <summary>Prepares a serialized model; <paramref name="name"/> is what errors call it, <paramref name="folder"/> where its external data is.</summary>
    /// <exception cref="HaqException">ONNX Runtime refuses it (HAQ0310).</exception>
    public OrtSession(byte[] model, string name, SessionSettings? settings = null, string? folder = null)
    {
        _name = name;
        _session = Open(name, null, settings, folder, options => new InferenceSession(model, options));
        try
        {
            (Inputs, Outputs) = Describe(_session);
        }
        catch
        {
            _session.Dispose();
            throw;
        }
    }

    /// <summary>The inputs, in the model's order.</summary>
    public ImmutableArray<TensorInfo> Inputs { get; }

    /// <summary>The outputs, in the model's order.</summary>
    public ImmutableArray<TensorInfo> Outputs { get; }

    /// <summary>Runs once and returns the outputs asked for, or all that are tensors, in order; the caller disposes of them.</summary>
    /// <exception cref="HaqException">ONNX Runtime fails (HAQ0311).</exception>
    public OrtTensor[] Run(IReadOnlyDictionary<string, OrtTensor> inputs, IReadOnlyCollection<string>? outputs = null)
    {
        using var run = new RunOptions();
        try
        {
            string[] names = [.. outputs ?? Outputs.Where(o => o.Type != DataType.Undefined).Select(o => o.Name)];
            using var values = new OrtValues(_session.Run(run, [.. inputs.Keys], [.. inputs.Values.Select(t => t.Value)], names));
            return values.Take();
        }
        catch (OnnxRuntimeException e)
        {
            throw OrtErrors.Failed(_name, e);
        }
    }

    /// <summary>A binding of buffers that are used again and again; runs through it allocate nothing.</summary>
    public OrtBinding Bind() => new(_session, _name);

    /// <summary>Ends the profiling that <see cref="SessionSettings.ProfilePrefix"/> began, and returns the path of the file that it left.</summary>
    public string EndProfiling() => _session.EndProfiling();

    /// <inheritdoc/>
    public void Dispose()
    {
        _session.Dispose();
        _file?.Dispose();
    }

    private static InferenceSession Open(string name, GraphProto? graph, SessionSettings? settings, string? folder, Func<Microsoft.ML.OnnxRuntime.SessionOptions, InferenceSession> open)
    {
        _ = s_givesBack.Value;
        NativeRoom.Bound();
        try
        {
            using var options = (settings ?? SessionSettings.Default).ToOptions(folder);
            return open(options);
        }
        catch (OnnxRuntimeException e)
        {
            throw OrtErrors.Refused(name, e, graph);
        }
    }

    private static (ImmutableArray<TensorInfo> Inputs, ImmutableArray<TensorInfo> Outputs) Describe(InferenceSession session) =>
        ([.. session.InputMetadata.Select(i => Describe(i.Key, i.Value))], [.. session.OutputMetadata.Select(o => Describe(o.Key, o.Value))]);

    private static TensorInfo Describe(string name, NodeMetadata metadata) => metadata.OnnxValueType == OnnxValueType.ONNX_TYPE_TENSOR
        ? new TensorInfo(name, (DataType)metadata.ElementDataType, [.. metadata.Dimensions.Select(d => (long)d)])
        : new TensorInfo(name, DataType.Undefined, []);
}
