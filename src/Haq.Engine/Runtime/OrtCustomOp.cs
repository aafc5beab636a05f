using System.Runtime.InteropServices;

namespace Haq.Engine.Runtime;

/// <summary>The C API's structure of that name, version 29, followed by what the callbacks need to know which operator they are asked about.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OrtCustomOp
{
    public const uint ApiVersion = 29;

    public uint Version;
    public nint CreateKernel;
    public delegate* unmanaged<OrtCustomOp*, byte*> GetName;
    public delegate* unmanaged<OrtCustomOp*, byte*> GetExecutionProviderType;
    public delegate* unmanaged<OrtCustomOp*, nuint, int> GetInputType;
    public delegate* unmanaged<OrtCustomOp*, nuint> GetInputTypeCount;
    public delegate* unmanaged<OrtCustomOp*, nuint, int> GetOutputType;
    public delegate* unmanaged<OrtCustomOp*, nuint> GetOutputTypeCount;
    public nint KernelCompute;
    public delegate* unmanaged<void*, void> KernelDestroy;
    public delegate* unmanaged<OrtCustomOp*, nuint, int> GetInputCharacteristic;
    public delegate* unmanaged<OrtCustomOp*, nuint, int> GetOutputCharacteristic;
    public delegate* unmanaged<OrtCustomOp*, nuint, int> GetInputMemoryType;
    public delegate* unmanaged<OrtCustomOp*, int> GetVariadicInputMinArity;
    public delegate* unmanaged<OrtCustomOp*, int> GetVariadicInputHomogeneity;
    public delegate* unmanaged<OrtCustomOp*, int> GetVariadicOutputMinArity;
    public delegate* unmanaged<OrtCustomOp*, int> GetVariadicOutputHomogeneity;
    public delegate* unmanaged<OrtCustomOp*, void*, void*, void**, void*> CreateKernelV2;
    public delegate* unmanaged<void*, void*, void*> KernelComputeV2;
    public nint InferOutputShapeFn;
    public delegate* unmanaged<OrtCustomOp*, int> GetStartVersion;
    public delegate* unmanaged<OrtCustomOp*, int> GetEndVersion;
    public nint GetMayInplace;
    public nint ReleaseMayInplace;
    public nint GetAliasMap;
    public nint ReleaseAliasMap;

    /// <summary>Ours: the name as zero-terminated UTF-8.</summary>
    public byte* Name;

    /// <summary>Ours: position in <see cref="CustomOperators"/>' table.</summary>
    public int Index;
}
