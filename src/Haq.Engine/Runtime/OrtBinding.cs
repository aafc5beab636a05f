using Haq.Engine.Diagnostics;
using Microsoft.ML.OnnxRuntime;

namespace Haq.Engine.Runtime;

/// <summary>Buffers bound to a session's inputs and outputs. For one thread at a time; the buffers stay the caller's.</summary>
public sealed class OrtBinding : IDisposable
{
    private readonly InferenceSession _session;
    private readonly string _name;
    private readonly OrtIoBinding _binding;
    private readonly RunOptions _run = new();

    internal OrtBinding(InferenceSession session, string name)
    {
        (_session, _name) = (session, name);
        _binding = session.CreateIoBinding();
    }

    /// <summary>Reads an input from a buffer.</summary>
    /// <exception cref="HaqException">There is no such input, or its type is another (HAQ0311).</exception>
    public OrtBinding Input(string name, OrtTensor buffer)
    {
        try
        {
            _binding.BindInput(name, buffer.Value);
            return this;
        }
        catch (OnnxRuntimeException e)
        {
            throw OrtErrors.Failed(_name, e);
        }
    }

    /// <summary>Writes an output to a buffer of its exact shape.</summary>
    /// <exception cref="HaqException">There is no such output, or its type is another (HAQ0311).</exception>
    public OrtBinding Output(string name, OrtTensor buffer)
    {
        try
        {
            _binding.BindOutput(name, buffer.Value);
            return this;
        }
        catch (OnnxRuntimeException e)
        {
            throw OrtErrors.Failed(_name, e);
        }
    }

    /// <summary>Runs once. Cancelling ends the run between two operators.</summary>
    /// <exception cref="HaqException">ONNX Runtime fails, for example because a buffer has the wrong shape (HAQ0311).</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Run(CancellationToken cancellation = default)
    {
        cancellation.ThrowIfCancellationRequested();
        using var registration = cancellation.CanBeCanceled ? cancellation.UnsafeRegister(static run => ((RunOptions)run!).Terminate = true, _run) : default;
        try
        {
            _session.RunWithBinding(_run, _binding);
        }
        catch (OnnxRuntimeException) when (cancellation.IsCancellationRequested)
        {
            _run.Terminate = false;
            throw new OperationCanceledException(cancellation);
        }
        catch (OnnxRuntimeException e)
        {
            throw OrtErrors.Failed(_name, e);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _binding.Dispose();
        _run.Dispose();
    }
}
