using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Haq.Engine.Runtime;

/// <summary>The functions of ONNX Runtime's C API that custom operators need and the managed binding does not offer.</summary>
internal sealed unsafe class OrtFunctions
{
    public static readonly OrtFunctions Instance = new();

    public readonly delegate* unmanaged<int, byte*, void*> CreateStatus;
    public readonly delegate* unmanaged<void*, byte*> GetErrorMessage;
    public readonly delegate* unmanaged<void*, void> ReleaseStatus;
    public readonly delegate* unmanaged<byte*, void**, void*> CreateCustomOpDomain;
    public readonly delegate* unmanaged<void*, OrtCustomOp*, void*> CustomOpDomainAdd;
    public readonly delegate* unmanaged<nint, void*, void*> AddCustomOpDomain;
    public readonly delegate* unmanaged<void*, nuint*, void*> InputCount;
    public readonly delegate* unmanaged<void*, nuint, void**, void*> Input;
    public readonly delegate* unmanaged<void*, nuint, long*, nuint, void**, void*> Output;
    public readonly delegate* unmanaged<void*, void**, void*> Data;
    public readonly delegate* unmanaged<void*, void**, void*> TypeAndShape;
    public readonly delegate* unmanaged<void*, nuint*, void*> DimensionCount;
    public readonly delegate* unmanaged<void*, long*, nuint, void*> Dimensions;
    public readonly delegate* unmanaged<void*, void> ReleaseTypeAndShape;
    public readonly delegate* unmanaged<void*, delegate* unmanaged<void*, nuint, void>, nuint, nuint, void*, void*> ParallelFor;
    public readonly delegate* unmanaged<void*, byte*, long*, nuint*, void*> IntegersAttribute;
    public readonly delegate* unmanaged<void*, byte*, long*, void*> IntegerAttribute;
    public readonly delegate* unmanaged<void*, byte*, float*, void*> FloatAttribute;

    private OrtFunctions()
    {
        var api = (OrtApi*)((delegate* unmanaged<uint, void*>)OrtGetApiBase()->GetApi)(OrtCustomOp.ApiVersion);
        if (api == null) throw new NotSupportedException($"this ONNX Runtime is too old for custom operators: version {OrtCustomOp.ApiVersion} of its C API is needed");
        CreateStatus = (delegate* unmanaged<int, byte*, void*>)api->CreateStatus;
        GetErrorMessage = (delegate* unmanaged<void*, byte*>)api->GetErrorMessage;
        ReleaseStatus = (delegate* unmanaged<void*, void>)api->ReleaseStatus;
        CreateCustomOpDomain = (delegate* unmanaged<byte*, void**, void*>)api->CreateCustomOpDomain;
        CustomOpDomainAdd = (delegate* unmanaged<void*, OrtCustomOp*, void*>)api->CustomOpDomain_Add;
        AddCustomOpDomain = (delegate* unmanaged<nint, void*, void*>)api->AddCustomOpDomain;
        InputCount = (delegate* unmanaged<void*, nuint*, void*>)api->KernelContext_GetInputCount;
        Input = (delegate* unmanaged<void*, nuint, void**, void*>)api->KernelContext_GetInput;
        Output = (delegate* unmanaged<void*, nuint, long*, nuint, void**, void*>)api->KernelContext_GetOutput;
        Data = (delegate* unmanaged<void*, void**, void*>)api->GetTensorMutableData;
        TypeAndShape = (delegate* unmanaged<void*, void**, void*>)api->GetTensorTypeAndShape;
        DimensionCount = (delegate* unmanaged<void*, nuint*, void*>)api->GetDimensionsCount;
        Dimensions = (delegate* unmanaged<void*, long*, nuint, void*>)api->GetDimensions;
        ReleaseTypeAndShape = (delegate* unmanaged<void*, void>)api->ReleaseTensorTypeAndShapeInfo;
        ParallelFor = (delegate* unmanaged<void*, delegate* unmanaged<void*, nuint, void>, nuint, nuint, void*, void*>)api->KernelContext_ParallelFor;
        IntegersAttribute = (delegate* unmanaged<void*, byte*, long*, nuint*, void*>)api->KernelInfoGetAttributeArray_int64;
        IntegerAttribute = (delegate* unmanaged<void*, byte*, long*, void*>)api->KernelInfoGetAttribute_int64;
        FloatAttribute = (delegate* unmanaged<void*, byte*, float*, void*>)api->KernelInfoGetAttribute_float;
    }

    /// <summary>Turns an error into an exception.</summary>
    public void Check(void* status)
    {
        if (status == null) return;
        string message = Marshal.PtrToStringUTF8((nint)GetErrorMessage(status)) ?? "";
        ReleaseStatus(status);
        throw new InvalidOperationException(message);
    }

    /// <summary>Whether a call succeeded; the error, if there is one, is dropped.</summary>
    public bool Succeeded(void* status)
    {
        if (status == null) return true;
        ReleaseStatus(status);
        return false;
    }

    [DllImport("onnxruntime", ExactSpelling = true)]
    private static extern OrtApiBase* OrtGetApiBase();
}
