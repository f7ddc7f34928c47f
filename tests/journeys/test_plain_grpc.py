"""Standard gRPC clients work: reflection, health and a call, without any of Souk's code."""

import grpc
import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from souk.kernel.ids import new_id

SERVICE = "souk.users.v1.UserService"


async def reflected(channel: grpc.aio.Channel) -> descriptor_pool.DescriptorPool:
    """Everything the server says of the service, and of what that stands on."""
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    pool, files, wanted = descriptor_pool.DescriptorPool(), {}, []

    async def ask(**question):
        request = reflection_pb2.ServerReflectionRequest(**question)
        async for answer in stub.ServerReflectionInfo(iter([request])):
            for data in answer.file_descriptor_response.file_descriptor_proto:
                file = descriptor_pb2.FileDescriptorProto.FromString(data)
                files[file.name] = file
                wanted.extend(file.dependency)

    await ask(file_containing_symbol=SERVICE)
    while wanted:
        name = wanted.pop()
        if name not in files:
            await ask(file_by_filename=name)

    def add(name: str) -> None:
        file = files.pop(name, None)
        if file:
            for dependency in file.dependency:
                add(dependency)
            pool.Add(file)

    for name in list(files):
        add(name)
    return pool


async def test_reflection_health_and_register_with_plain_grpcio(stack):
    async with grpc.aio.insecure_channel(f"127.0.0.1:{stack.users_port}") as channel:
        health = health_pb2_grpc.HealthStub(channel)
        answer = await health.Check(health_pb2.HealthCheckRequest(service=SERVICE))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING

        pool = await reflected(channel)
        method = pool.FindServiceByName(SERVICE).FindMethodByName("Register")
        request_class = message_factory.GetMessageClass(method.input_type)
        call = channel.unary_unary(
            f"/{SERVICE}/Register",
            request_serializer=request_class.SerializeToString,
            response_deserializer=message_factory.GetMessageClass(method.output_type).FromString,
        )
        email = f"grpc-{new_id()}@example.com"
        fields = {"email": email, "password": "a fine long password", "first_name": "Ada"}
        signed_in = json_format.MessageToDict(
            await call(json_format.ParseDict(fields, request_class())),
            preserving_proto_field_name=True,
        )
        assert signed_in["user"]["email"] == email
        assert signed_in["access_token"].count(".") == 2

        for wrong, code in (
            (fields, grpc.StatusCode.FAILED_PRECONDITION),
            ({"email": "x", "password": "y"}, grpc.StatusCode.INVALID_ARGUMENT),
        ):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await call(json_format.ParseDict(wrong, request_class()))
            assert refused.value.code() is code
